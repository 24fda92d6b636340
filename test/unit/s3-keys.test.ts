import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameFromBytes } from '../../shared/names.ts';
import { KeyScheme, locatorOf, parseLocator } from '../../electron/engine/stores/s3/keys.ts';
import { factsOf, formatMtime, parseMtime } from '../../electron/engine/stores/s3/metadata.ts';
import { partSizeFor, parseResumeToken } from '../../electron/engine/stores/s3/multipart.ts';
import { iamPolicy } from '../../electron/engine/stores/s3/policy.ts';
import { targetOf } from '../../electron/engine/stores/s3/target.ts';
import type { S3Spec } from '../../shared/spec.ts';

const mebibyte = 1024 * 1024;
const plain: S3Spec = { kind: 's3', bucket: 'scans', prefix: '' };

describe('keys of S3', () => {
  const keys = new KeyScheme('a/prefix');

  it('are the names as staff know them', () => {
    const place = { source: 'Maps & plans', path: 'Atlas 1/Blatt "3" ä.tif' };
    assert.equal(keys.fileKey(place).key, 'a/prefix/files/Maps & plans/Atlas 1/Blatt "3" ä.tif');
    assert.equal(keys.controlKey('journals/1'), 'a/prefix/strongroom/journals/1');
    assert.equal(new KeyScheme('').fileKey({ source: 's', path: 'f' }).key, 'files/s/f');
  });

  it('escape what lists cannot carry, and give it back', () => {
    for (const path of [
      'a\nb',
      'a\u007fb',
      '‛',
      '‛long/x',
      nameFromBytes(Uint8Array.of(0x80, 0x41)),
      '\ufffe',
      '+ %',
    ]) {
      const { key, longName } = keys.fileKey({ source: 'x\u0001', path });
      assert.equal(longName, undefined);
      assert.doesNotMatch(key, /[\u0001-\u001f\u007f\ufffe]/);
      assert.deepEqual(keys.pathOf(key, 'x\u0001'), { path });
    }
    assert.equal(keys.fileKey({ source: 's', path: 'a\nb' }).key, 'a/prefix/files/s/a‛0Ab');
  });

  it('of long paths are their digest, at 1,024 bytes and not before', () => {
    const room = 1024 - 'a/prefix/files/s/'.length;
    assert.equal(Buffer.byteLength(keys.fileKey({ source: 's', path: 'x'.repeat(room) }).key), 1024);
    const { key, longName } = keys.fileKey({ source: 's', path: 'x'.repeat(room + 1) });
    assert.match(key, /^a\/prefix\/files\/s\/‛long\/[0-9a-f]{64}$/);
    assert.equal(longName, `long-names/${key.slice(-64)}`);
    assert.deepEqual(keys.pathOf(key, 's'), { long: longName });
  });

  it('that Strongroom did not write are not taken for files', () => {
    for (const key of ['folder/', '/x', 'a//b', 'a‛0', 'a‛41']) {
      const whole = `a/prefix/files/s/${key}`;
      const named = keys.pathOf(whole, 's');
      if (named !== undefined)
        assert.ok('path' in named && keys.fileKey({ source: 's', path: named.path }).key === whole);
    }
    assert.equal(keys.pathOf('a/prefix/files/s/folder/', 's'), undefined);
    assert.equal(keys.pathOf('a/prefix/files/s/a‛41', 's'), undefined);
  });

  it('have locators that say version and ETag', () => {
    assert.equal(locatorOf('v1', '"abc-3"'), 'v1 abc-3');
    assert.equal(locatorOf('v2', undefined), 'v2 -');
    assert.deepEqual(parseLocator('v1 abc-3'), { versionId: 'v1', etag: 'abc-3' });
    assert.throws(() => parseLocator('nonsense'), { code: 'copy-missing' });
  });
});

describe('metadata of S3', () => {
  it('hold times as rclone writes them', () => {
    for (const [mtimeNs, text] of [
      [1_700_000_000_123_456_789n, '1700000000.123456789'],
      [1_700_000_000_100_000_000n, '1700000000.1'],
      [1_700_000_000_000_000_000n, '1700000000'],
      [0n, '0'],
      [1n, '0.000000001'],
      [-1n, '-0.000000001'],
      [-1_500_000_000n, '-1.5'],
    ] as const) {
      assert.equal(formatMtime(mtimeNs), text);
      assert.equal(parseMtime(text), mtimeNs);
    }
    for (const text of [undefined, '', 'x', '1.', '1e5', '--1']) assert.equal(parseMtime(text), undefined);
  });

  it('of others are not believed', () => {
    const sha256 = 'a'.repeat(64);
    const read = (metadata: Record<string, string>) => factsOf((name) => metadata[name]);
    assert.equal(read({}), undefined);
    assert.equal(read({ sha256: 'x', mtime: '1' }), undefined);
    assert.equal(read({ sha256, mtime: 'yesterday' }), undefined);
    assert.deepEqual(read({ sha256, mtime: '1', mode: '100600' }), { sha256, mtimeNs: 1_000_000_000n, mode: 0o600 });
    assert.deepEqual(read({ sha256, mtime: '1', mode: '9' }), { sha256, mtimeNs: 1_000_000_000n, mode: 0o644 });
  });
});

describe('multipart uploads', () => {
  it('have parts of 8 MiB or more, and 10,000 at most, up to 48.8 TiB', () => {
    assert.equal(partSizeFor(17 * mebibyte), 8 * mebibyte);
    assert.equal(partSizeFor(80_000 * mebibyte), 8 * mebibyte);
    assert.equal(partSizeFor(80_000 * mebibyte + 1), 9 * mebibyte);
    for (const size of [100_000 * mebibyte + 7, 1024 ** 4, 48.8 * 1024 ** 4]) {
      const part = partSizeFor(size);
      assert.ok(Math.ceil(size / part) <= 10_000);
      assert.ok(part <= 5 * 1024 ** 3);
      assert.equal(part % mebibyte, 0);
    }
  });

  it('are not resumed from nonsense', () => {
    assert.deepEqual(parseResumeToken('{"upload":"u","part":8388608}'), { upload: 'u', part: 8_388_608 });
    for (const text of [undefined, '', 'x', '[]', '{}', '{"upload":"","part":1}', '{"upload":"u","part":0}', 'null']) {
      assert.equal(parseResumeToken(text), undefined);
    }
  });
});

describe('addresses of S3', () => {
  it('are virtual hosts at AWS, and paths where they must be', () => {
    assert.deepEqual(targetOf(plain, 'eu-central-1'), {
      region: 'eu-central-1',
      origin: 'https://scans.s3.eu-central-1.amazonaws.com',
      host: 'scans.s3.eu-central-1.amazonaws.com',
      pathRoot: '/',
    });
    assert.equal(targetOf({ ...plain, bucket: 'a.b' }, 'us-west-2').host, 's3.us-west-2.amazonaws.com');
    assert.equal(targetOf({ ...plain, bucket: 'a.b' }, 'us-west-2').pathRoot, '/a.b/');
    assert.equal(targetOf(plain, 'cn-north-1').host, 'scans.s3.cn-north-1.amazonaws.com.cn');
    const own = targetOf({ ...plain, endpoint: 'https://s3.example.org:7480/gateway/' }, 'us-east-1');
    assert.equal(own.host, 's3.example.org:7480');
    assert.equal(own.pathRoot, '/gateway/scans/');
  });
});

describe('the IAM policy', () => {
  const actions = (spec: S3Spec, versioning = false) =>
    iamPolicy(spec, { versioning }).Statement.flatMap((statement) => statement.Action);

  it('allows to destroy nothing', () => {
    for (const spec of [plain, { ...plain, lock: { mode: 'GOVERNANCE', days: 1 } as const }]) {
      assert.ok(!actions(spec).includes('s3:DeleteObjectVersion'));
      assert.ok(!actions(spec).includes('s3:PutBucketVersioning'));
      assert.ok(!actions(spec).some((action) => action.includes('*') || action.includes('Bypass')));
    }
  });

  it('asks for more only where the store asks for more', () => {
    assert.ok(actions(plain, true).includes('s3:PutBucketVersioning'));
    assert.ok(!actions(plain).includes('s3:PutObjectRetention'));
    assert.ok(actions({ ...plain, lock: { mode: 'COMPLIANCE', days: 1 } }).includes('s3:PutObjectRetention'));
    assert.ok(!actions({ ...plain, encryption: 's3' }).some((action) => action.startsWith('kms:')));
    assert.ok(actions({ ...plain, encryption: 'kms' }).includes('kms:Decrypt'));
  });

  it('keeps to the prefix', () => {
    const policy = iamPolicy({ ...plain, prefix: 'a*b' });
    const objects = policy.Statement.find((statement) => statement.Sid === 'Objects');
    assert.deepEqual(objects?.Resource, [
      'arn:aws:s3:::scans/a${*}b/files/*',
      'arn:aws:s3:::scans/a${*}b/strongroom/*',
    ]);
    assert.deepEqual(policy.Statement.find((statement) => statement.Sid === 'List')?.Condition, {
      StringLike: { 's3:prefix': ['a${*}b/*'] },
    });
  });
});
