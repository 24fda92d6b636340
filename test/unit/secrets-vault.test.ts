import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { keychainOf, type KeychainEntry, type SecretKeeper } from '../../electron/engine/secrets/keychain.ts';
import { createSealer } from '../../electron/engine/secrets/sealer.ts';
import { openSecrets, type Secrets } from '../../electron/engine/secrets/secrets.ts';
import type { StrongroomError } from '../../shared/errors.ts';
import { assertCode } from '../contract/support.ts';

const passphrase = 'correct horse battery';
const value = 'the-secret-value';

/** As {@link assertCode}; and nothing that is thrown shows a secret. */
async function assertQuiet(promise: Promise<unknown>, code: StrongroomError['code']): Promise<void> {
  const error = await assertCode(promise, code);
  const shown = inspect(error, { depth: 10, showHidden: true });
  for (const secret of [passphrase, value]) assert.ok(!shown.includes(secret), shown);
}

describe('the vault of secrets', () => {
  let home: string;
  let file: string;

  beforeEach(() => {
    home = join(mkdtempSync(join(tmpdir(), 'strongroom-vault-')), 'home');
    file = join(home, 'vault.json');
  });

  afterEach(() => {
    rmSync(join(home, '..'), { recursive: true });
  });

  const open = (
    environment: Record<string, string> = {},
    ask?: (question: string) => Promise<string | undefined>,
  ): Promise<Secrets> =>
    openSecrets({
      home,
      environment: { STRONGROOM_SECRETS: 'vault', ...environment },
      ...(ask === undefined ? {} : { ask }),
    });
  const withPassphrase = { STRONGROOM_VAULT_PASSPHRASE: passphrase };

  it('keeps, changes and removes secrets, for the next process too', async () => {
    const secrets = await open(withPassphrase);
    assert.equal(secrets.kind, 'vault');
    assert.equal(await secrets.get('s3'), undefined);
    assert.throws(() => statSync(file));
    await Promise.all([secrets.set('s3', value), secrets.set('drive', 'other'), secrets.set('__proto__', 'odd')]);
    await secrets.set('drive', 'newer');
    const again = await open(withPassphrase);
    assert.deepEqual(await Promise.all(['s3', 'drive', '__proto__', 'none'].map((name) => again.get(name))), [
      value,
      'newer',
      'odd',
      undefined,
    ]);
    await again.remove('s3');
    await again.remove('none');
    assert.equal(await secrets.get('s3'), undefined);
    assert.deepEqual(readdirSync(home), ['vault.json']);
  });

  it('shows nothing in its file, which only its user may read', async () => {
    await (await open(withPassphrase)).set('name-of-secret', value);
    const text = readFileSync(file, 'utf8');
    for (const hidden of [value, 'name-of-secret', passphrase]) assert.ok(!text.includes(hidden));
    assert.match(text, /"N": 131072/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('says that a passphrase is wrong or missing, and changes nothing', async () => {
    await (await open(withPassphrase)).set('s3', value);
    const before = readFileSync(file, 'utf8');
    for (const environment of [{ STRONGROOM_VAULT_PASSPHRASE: 'wrong passphrase' }, {}]) {
      const secrets = await open(environment);
      await assertQuiet(secrets.get('s3'), 'secret-locked');
      await assertQuiet(secrets.set('s3', 'x'), 'secret-locked');
    }
    assert.equal(readFileSync(file, 'utf8'), before);
  });

  it('says that its file is damaged, wherever it is, and never writes over it', async () => {
    await (await open(withPassphrase)).set('s3', value);
    const good = readFileSync(file, 'utf8');
    const damaged = [
      '',
      '{}',
      good.slice(0, good.length / 2),
      good.replace(/"sealed": "./, '"sealed": "!'),
      good.replace(/"salt": "./, (text) => (text.endsWith('A') ? text.replace(/A$/, 'B') : text.replace(/.$/, 'A'))),
      good.replace(/"tag": "./, (text) => (text.endsWith('A') ? text.replace(/A$/, 'B') : text.replace(/.$/, 'A'))),
      good.replace('131072', '1048576'),
    ];
    for (const text of damaged) {
      writeFileSync(file, text);
      const secrets = await open(withPassphrase);
      await assertQuiet(secrets.get('s3'), 'config-damaged');
      await assertQuiet(secrets.set('s3', 'x'), 'config-damaged');
      await assertQuiet(secrets.remove('s3'), 'config-damaged');
      assert.equal(readFileSync(file, 'utf8'), text);
    }
    writeFileSync(file, good);
    assert.equal(await (await open(withPassphrase)).get('s3'), value);
  });

  it('takes the passphrase from a file', async () => {
    const named = join(home, '../passphrase');
    writeFileSync(named, `${passphrase}\r\n`);
    await (await open({ STRONGROOM_VAULT_PASSPHRASE_FILE: named })).set('s3', value);
    assert.equal(await (await open(withPassphrase)).get('s3'), value);
    await assertQuiet((await open({ STRONGROOM_VAULT_PASSPHRASE_FILE: `${named}-none` })).get('s3'), 'secret-locked');
  });

  it('asks for it once, and for a new one twice', async () => {
    const asked: string[] = [];
    const answers = [passphrase, passphrase, passphrase];
    const ask = (question: string): Promise<string | undefined> => {
      asked.push(question);
      return Promise.resolve(answers.shift());
    };
    const secrets = await open({}, ask);
    assert.equal(asked.length, 0);
    await secrets.set('s3', value);
    assert.equal(asked.length, 2);
    const again = await open({}, ask);
    assert.equal(await again.get('s3'), value);
    await again.set('s3', 'x');
    assert.equal(asked.length, 3);
  });

  it('begins no vault with a passphrase that is mistyped, short or not given', async () => {
    for (const answers of [[passphrase, 'mistyped'], ['short', 'short'], [undefined], ['']]) {
      const secrets = await open({}, () => Promise.resolve(answers.shift()));
      await assertQuiet(secrets.set('s3', value), 'secret-locked');
      assert.throws(() => statSync(file));
    }
  });

  it('stays in use once it is, and is chosen or refused by the environment', async () => {
    await (await open(withPassphrase)).set('s3', value);
    assert.equal((await openSecrets({ home, environment: {} })).kind, 'vault');
    await assertQuiet(openSecrets({ home, environment: { STRONGROOM_SECRETS: 'file' } }), 'usage');
  });

  it('seals small data for those who hold its key and know its name', async () => {
    const secrets = await open(withPassphrase);
    const data = Buffer.from('https://example.org/upload?id=1');
    assert.equal(await secrets.open('upload', Buffer.alloc(64, 1)), undefined);
    const [one, two] = await Promise.all([secrets.seal('upload', data), secrets.seal('upload', data)]);
    assert.notDeepEqual(one, two);
    const again = await open(withPassphrase);
    for (const sealed of [one, two]) {
      assert.ok(!Buffer.from(sealed).includes('example.org'));
      assert.deepEqual(Buffer.from((await again.open('upload', sealed)) ?? []), data);
    }
    assert.equal(await again.open('other', one), undefined);
    for (const at of [0, 5, 20, one.length - 1]) {
      const changed = Buffer.from(one);
      changed[at]! ^= 1;
      assert.equal(await again.open('upload', changed), undefined);
    }
    assert.equal(await again.open('upload', new Uint8Array()), undefined);
  });
});

describe('the keychain', () => {
  function memory(fail = false): { readonly keeper: SecretKeeper; readonly entries: Map<string, string> } {
    const entries = new Map<string, string>();
    const run = <T>(work: () => T): Promise<T> => (fail ? Promise.reject(new Error(value)) : Promise.resolve(work()));
    const entry = (name: string): KeychainEntry => ({
      get: () => run(() => entries.get(name)),
      set: (text) => run(() => void entries.set(name, text)),
      remove: () => run(() => void entries.delete(name)),
    });
    return { keeper: keychainOf(entry), entries };
  }

  it('holds a secret under its own name', async () => {
    const { keeper, entries } = memory();
    await keeper.set('s3', value);
    assert.deepEqual([...entries], [['s3', value]]);
    assert.equal(await keeper.get('s3'), value);
    await keeper.remove('s3');
    await keeper.remove('s3');
    assert.equal(entries.size, 0);
  });

  it('cuts what is longer than Windows holds, and leaves nothing behind', async () => {
    const { keeper, entries } = memory();
    const long = 'k\u00e9y'.repeat(1500);
    await keeper.set('key', long);
    assert.ok([...entries.values()].every((text) => text.length * 2 <= 2560));
    assert.equal(await keeper.get('key'), long);
    await keeper.set('key', `${long}!`);
    assert.equal(await keeper.get('key'), `${long}!`);
    await keeper.set('key', 'short');
    assert.deepEqual([...entries], [['key', 'short']]);
    await keeper.set('key', long);
    await keeper.remove('key');
    assert.equal(entries.size, 0);
  });

  it('does not take a value for parts that looks like them', async () => {
    const { keeper } = memory();
    const odd = '\u0001parts:0123456789abcdef:2';
    await keeper.set('key', odd);
    assert.equal(await keeper.get('key'), odd);
  });

  it('gives no half value', async () => {
    const { keeper, entries } = memory();
    await keeper.set('key', 'x'.repeat(3000));
    const part = [...entries.keys()].find((name) => name.endsWith('.1'));
    entries.delete(part ?? '');
    assert.equal(await keeper.get('key'), undefined);
  });

  it('says that it is locked without the words of others', async () => {
    const { keeper } = memory(true);
    await assertQuiet(keeper.get('s3'), 'secret-locked');
    await assertQuiet(keeper.set('s3', value), 'secret-locked');
    await assertQuiet(keeper.remove('s3'), 'secret-locked');
  });

  it('makes one key for all that is sealed at once', async () => {
    const { keeper, entries } = memory();
    const sealer = createSealer(keeper);
    const sealed = await Promise.all([1, 2, 3].map((index) => sealer.seal('x', Buffer.of(index))));
    assert.equal(entries.size, 1);
    for (const [index, bytes] of sealed.entries())
      assert.deepEqual(Buffer.from((await sealer.open('x', bytes)) ?? []), Buffer.of(index + 1));
  });
});
