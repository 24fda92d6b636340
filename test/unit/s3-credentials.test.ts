import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { credentialSource } from '../../electron/engine/stores/s3/credentials.ts';

describe('the keys of an S3 store', () => {
  const saved = { ...process.env };
  let folder = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'strongroom-keys-'));
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    process.env['AWS_CONFIG_FILE'] = join(folder, 'config');
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'credentials');
    process.env['HOME'] = folder;
    const renewed = JSON.stringify({
      Version: 1,
      AccessKeyId: 'TEMPORARY',
      SecretAccessKey: 'secret',
      SessionToken: 'token',
      Expiration: '2099-01-01T00:10:00Z',
    });
    const renewing = join(folder, 'renew.mjs');
    const count = join(folder, 'count');
    await writeFile(
      renewing,
      `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(count)}, 'x'); console.log(${JSON.stringify(renewed)});`,
    );
    await writeFile(join(folder, 'credentials'), '[plain]\naws_access_key_id = KEY\naws_secret_access_key = secret\n');
    const config = [
      '[profile signed]\nsso_start_url = https://example.org/start\nsso_region = us-east-1',
      'sso_account_id = 123456789012\nsso_role_name = staff',
      `[profile renewed]\ncredential_process = "${process.execPath}" "${renewing}"`,
    ];
    await writeFile(join(folder, 'config'), `${config.join('\n')}\n`);
  });
  after(async () => {
    process.env = saved;
    await rm(folder, { recursive: true });
  });

  const clock = { now: () => Date.UTC(2026, 0, 1) };

  it('are the given ones, if any were', async () => {
    const given = { accessKeyId: 'A', secretAccessKey: 'B' };
    assert.equal(await credentialSource(given, 'no such profile', clock)(), given);
  });

  it('are those of the profile', async () => {
    assert.equal((await credentialSource(undefined, 'plain', clock)()).accessKeyId, 'KEY');
  });

  it('are missed with advice', async () => {
    for (const profile of [undefined, 'no such profile']) {
      await assert.rejects(credentialSource(undefined, profile, clock)(), { code: 'secret-missing' });
    }
  });

  it('that come from a sign-in which has ended are told apart from none', async () => {
    await assert.rejects(credentialSource(undefined, 'signed', clock)(), {
      code: 'store-sign-in-ended',
      advice: 'Sign in again: aws sso login --profile signed',
    });
  });

  it('are renewed before they end, and not asked for twice at once', async () => {
    let now = Date.UTC(2099, 0, 1);
    const source = credentialSource(undefined, 'renewed', { now: () => now });
    const [one, other] = await Promise.all([source(), source()]);
    assert.equal(one.sessionToken, 'token');
    assert.equal(one, other);
    assert.equal(await source(), one);
    now += 6 * 60_000;
    assert.notEqual(await source(), one);
  });
});
