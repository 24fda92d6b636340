import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatSpec, parseSpec } from '../../shared/spec.ts';
import { hasProperty, quoted } from '../../electron/engine/stores/drive/api.ts';
import { allowanceNote, egressDays } from '../../electron/engine/stores/allowance.ts';
import { isRateRefusal, parseErrorBody, retryAfterMs, translate } from '../../electron/engine/stores/drive/errors.ts';
import { deletionLocator, parseLocator, requireLocator } from '../../electron/engine/stores/drive/locator.ts';
import { mediaTypeOf } from '../../electron/engine/stores/drive/media-types.ts';
import { folderLevels, namesOf, tagOf, trueName } from '../../electron/engine/stores/drive/names.ts';
import { Pacer } from '../../electron/engine/stores/drive/pacer.ts';
import {
  changedProperties,
  isOurs,
  markOf,
  propertiesOf,
  recordOf,
  withSuperseded,
  type FileRecord,
} from '../../electron/engine/stores/drive/record.ts';
import { driveFile } from '../../electron/engine/stores/drive/schema.ts';
import { assertCode, signal } from '../contract/support.ts';

describe('the address of a Drive store', () => {
  it('is read and written', () => {
    for (const text of [
      'drive://root',
      'drive://root/Strongroom/Second%20copies',
      'drive://0AJx-y_zPVA/a%2Bb?account=ada%40library.example',
      'drive://1abc/x?endpoint=http%3A%2F%2F127.0.0.1%3A8080%2F',
    ]) {
      const spec = parseSpec(text);
      assert.equal(spec.kind, 'drive');
      assert.equal(formatSpec(spec), text);
      assert.deepEqual(parseSpec(formatSpec(spec)), spec);
    }
  });

  it('is refused where it cannot be meant, without quoting what may be a secret', async () => {
    for (const text of [
      'drive://',
      'drive:///x',
      'drive://a b/x',
      'drive://root/../x',
      'drive://root?account=nobody',
      'drive://root?token=hidden',
      'drive://root?unknown=hidden',
      'drive://root?endpoint=https://elsewhere.example/',
      'drive://root?endpoint=http://127.0.0.1.elsewhere.example/',
    ]) {
      const error = await assertCode(
        Promise.resolve().then(() => parseSpec(text)),
        'usage',
      );
      assert.ok(!error.message.includes('hidden'), text);
    }
  });
});

describe('names in Drive', () => {
  it('come back as they were, however deep the path', () => {
    const deep = `${'folder/'.repeat(300)}file`;
    for (const path of ['a/b.txt', 'with\nnewline', '‛2F', '‛', '.', '..', 'x/..y', "it's \\", deep]) {
      const names = namesOf(path);
      assert.ok(names.length <= folderLevels + 1);
      assert.equal(names.map(trueName).join('/'), path);
    }
  });

  it('have tags that tell places apart', () => {
    const tags = [
      tagOf('root', 'file', 'a', 'b'),
      tagOf('root', 'files', 'a', 'b'),
      tagOf('other', 'file', 'a', 'b'),
      tagOf('root', 'file', 'ab', ''),
      tagOf('root', 'file', '', 'ab'),
    ];
    assert.equal(new Set(tags).size, tags.length);
  });

  it('are quoted in a query', () => {
    assert.equal(quoted("it's \\"), "'it\\'s \\\\'");
    assert.equal(hasProperty('at', 'x'), "appProperties has { key='at' and value='x' }");
  });

  it('have the media type that Drive needs for a preview', () => {
    assert.equal(mediaTypeOf('Scan.TIF'), 'image/tiff');
    for (const name of ['noending', 'x.constructor', '.pdf.'])
      assert.equal(mediaTypeOf(name), 'application/octet-stream');
  });
});

describe('the record that a file carries', () => {
  const record: FileRecord = {
    ...{
      number: 7,
      sha256: 'a'.repeat(64),
      mtimeNs: -1_500_000_000_123_456_789n,
      mode: 0o4755,
      storedAt: 1_700_000_000_123,
    },
    ...{ revisions: 3, since: markOf('r1'), at: '0'.repeat(32), gone: undefined },
    former: [
      { path: 'ä/old name‛\n.txt', since: '', until: markOf('r0'), goneAt: 1_600_000_000_000 },
      { path: 'second', since: markOf('r0'), until: markOf('r1'), goneAt: 1_650_000_000_000 },
    ],
    superseded: [{ md5Start: 0xabcde, mode: 0o640, mtimeNs: 1n, storedAt: 1_700_000_000_000 }],
  };
  const fileWith = (properties: Record<string, string | null>) =>
    driveFile.parse({
      id: 'id',
      appProperties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null)),
    });

  it('comes back as it was, within the limits of Drive', () => {
    const properties = propertiesOf('id', record, 'source') ?? {};
    assert.deepEqual(recordOf(fileWith(properties)), record);
    const set = Object.entries(properties).filter(([, value]) => value !== null);
    assert.ok(Object.keys(properties).length <= 30);
    for (const [key, value] of set) assert.ok(Buffer.byteLength(key + (value ?? '')) <= 124, key);
  });

  it('fits with as many facts and former places as there may be, and says so when it does not', () => {
    let full = record;
    for (let index = 0; index < 100; index += 1) full = { ...full, superseded: withSuperseded(full, 'f'.repeat(32)) };
    const long = { ...full, former: [{ path: 'ö'.repeat(600), since: '', until: markOf('x'), goneAt: 0 }] };
    const properties = propertiesOf('id', long, 'source') ?? {};
    assert.equal(recordOf(fileWith(properties))?.superseded.length, 60);
    assert.equal(recordOf(fileWith(properties))?.former[0]?.path, 'ö'.repeat(600));
    for (const [key, value] of Object.entries(properties))
      assert.ok(Buffer.byteLength(key + (value ?? '')) <= 124, key);
    assert.equal(
      propertiesOf('id', { ...full, former: [{ ...long.former[0]!, path: 'ö'.repeat(700) }] }, 's'),
      undefined,
    );
  });

  it('is not taken from a copy, from others, or from damaged properties', () => {
    const properties = propertiesOf('id', record, 'source') ?? {};
    assert.ok(isOurs(fileWith(properties)));
    assert.equal(recordOf({ ...fileWith(properties), id: 'copy' }), undefined);
    assert.equal(recordOf(fileWith({ ...properties, v: 'x' })), undefined);
    assert.equal(recordOf(fileWith({ ...properties, sha256: 'x' })), undefined);
    assert.equal(recordOf(fileWith({})), undefined);
  });

  it('sends only what changes', () => {
    const properties = propertiesOf('id', record, 'source') ?? {};
    assert.deepEqual(changedProperties(fileWith(properties), properties), {});
    assert.deepEqual(changedProperties(fileWith(properties), { ...properties, at: null }), { at: null });
  });
});

describe('locators', () => {
  it('name a copy, and nothing else does', async () => {
    assert.deepEqual(parseLocator('file revision md5'), { fileId: 'file', revisionId: 'revision', md5: 'md5' });
    for (const text of [undefined, '', 'x', 'x y', 'x y z w', deletionLocator('file', 'mark')]) {
      assert.equal(parseLocator(text), undefined);
    }
    await assertCode(
      Promise.resolve().then(() => requireLocator('x')),
      'copy-missing',
    );
  });
});

describe('failures of Drive', () => {
  const attempt = { action: 'store a file', subject: 'folder/file' };

  it('are told by status and reason', () => {
    for (const [status, reason, code] of [
      [403, 'rateLimitExceeded', 'store-busy'],
      [429, undefined, 'store-busy'],
      [500, 'internalError', 'store-busy'],
      [503, undefined, 'store-busy'],
      [401, 'authError', 'store-sign-in-ended'],
      [403, 'storageQuotaExceeded', 'store-full'],
      [403, 'insufficientPermissions', 'store-no-permission'],
      [403, 'somethingNew', 'store-no-permission'],
      [404, 'notFound', 'copy-missing'],
      [400, 'badRequest', 'store-answer'],
      [200, undefined, 'store-unreachable'],
      [undefined, 'ECONNRESET', 'store-unreachable'],
      [undefined, 'CERT_HAS_EXPIRED', 'store-unsupported'],
    ] as const) {
      const error = translate({ status, reason }, 'Google Drive', attempt);
      assert.equal(error.code, code, `${status} ${reason ?? ''}`);
      assert.ok(error.advice !== undefined && error.advice !== '');
    }
    assert.equal(
      translate({ status: 404, reason: 'notFound' }, 'Google Drive', { action: 'look' }).code,
      'store-not-found',
    );
    assert.ok(isRateRefusal(translate({ status: 429 }, 'Google Drive', attempt)));
    assert.ok(!isRateRefusal(translate({ status: 403, reason: 'domainPolicy' }, 'Google Drive', attempt)));
  });

  it('are read from an answer that may be anything', () => {
    const body = { error: { code: 403, message: 'words', errors: [{ reason: 'why' }] } };
    assert.deepEqual(parseErrorBody(JSON.stringify(body)), { reason: 'why', words: 'words' });
    for (const text of ['', '<html>', '[]', '{"error":"x"}', 'null']) assert.deepEqual(parseErrorBody(text), {});
    const clock = { now: () => Date.parse('2026-01-01T00:00:00Z') };
    assert.equal(retryAfterMs('120', clock), 120_000);
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', clock), 60_000);
    assert.equal(retryAfterMs('soon', clock), undefined);
  });
});

describe('the pace', () => {
  it('is cut when Drive refuses, rises again, and waits as Drive asks', async () => {
    let now = 1_000_000;
    const sleep = (ms: number): Promise<void> => {
      now += ms;
      return Promise.resolve();
    };
    const pacer = new Pacer({ clock: { now: () => now }, sleep, random: () => 0.5, mostAtOnce: 32 });
    const accept = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        (await pacer.admit(false, signal))();
        now += 10;
        pacer.succeeded(false);
      }
    };
    await accept(300);
    assert.equal(pacer.found.perSecond, Infinity);
    pacer.refused(false);
    const { perSecond } = pacer.found;
    assert.ok(perSecond > 60 && perSecond < 90, `${perSecond}`);
    pacer.refused(false);
    assert.equal(pacer.found.perSecond, perSecond, 'refusals of the same overload');
    await accept(100);
    assert.ok(pacer.found.perSecond > perSecond + 4);
    assert.equal(pacer.pauseMs(1, undefined), 750);
    assert.equal(pacer.pauseMs(20, undefined), 48_000);
    assert.equal(pacer.pauseMs(1, 9000), 9000);
  });
});

describe('the allowance for reading', () => {
  it('is told in days beforehand', () => {
    assert.equal(egressDays(0, 1e12), 0);
    assert.equal(egressDays(1e12, 1e12), 0);
    assert.equal(egressDays(1e12 + 1, 1e12), 1);
    assert.equal(egressDays(5.5e12, 1e12), 5);
    assert.equal(egressDays(5.5e12, Infinity), 0);
    assert.equal(allowanceNote('drive', 1e12, 1e12), undefined);
    assert.equal(allowanceNote('disk', 9e12, undefined), undefined);
    assert.match(
      allowanceNote('drive', 5.55e12, 1e12) ?? '',
      /^Up to 5\.6 TB are to be read from the store "drive", which gives out 1 TB a day: this takes at least 5 days\./,
    );
    assert.match(allowanceNote('drive', 1999, 1000) ?? '', /2 kB .* 1 kB a day: this takes at least 1 day\./);
  });
});
