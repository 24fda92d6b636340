import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTransient, type ErrorCode } from '../../shared/errors.ts';
import {
  failureOfNetwork,
  failureOfSdk,
  parseErrorDocument,
  retryAfterMs,
  translate,
  type Failure,
} from '../../electron/engine/stores/s3/errors.ts';

const object = { action: 's3:PutObject', subject: 'a file' };
const bucket = { action: 's3:GetBucketVersioning' };
const place = 'bucket "scans" at https://s3.example.org';

/** What S3 or the network says of a request for an object, and what it means. */
const meanings: readonly (readonly [status: number | undefined, code: string | undefined, meaning: ErrorCode])[] = [
  [403, 'InvalidAccessKeyId', 'store-wrong-key'],
  [403, 'SignatureDoesNotMatch', 'store-wrong-key'],
  [400, 'ExpiredToken', 'store-sign-in-ended'],
  [400, 'TokenRefreshRequired', 'store-sign-in-ended'],
  [403, 'RequestTimeTooSkewed', 'store-clock-skew'],
  [404, 'NoSuchBucket', 'store-not-found'],
  [403, 'AccessDenied', 'store-no-permission'],
  [403, 'AllAccessDisabled', 'store-no-permission'],
  [403, undefined, 'store-no-permission'],
  [503, 'SlowDown', 'store-busy'],
  [503, undefined, 'store-busy'],
  [429, undefined, 'store-busy'],
  [500, 'InternalError', 'store-busy'],
  [200, 'InternalError', 'store-busy'],
  [502, undefined, 'store-busy'],
  [400, 'RequestTimeout', 'store-busy'],
  [400, 'BadDigest', 'store-busy'],
  [400, 'XAmzContentSHA256Mismatch', 'store-busy'],
  [409, 'ConditionalRequestConflict', 'store-busy'],
  [412, 'PreconditionFailed', 'copy-conflict'],
  [412, undefined, 'copy-conflict'],
  [404, 'NoSuchKey', 'copy-missing'],
  [404, 'NoSuchVersion', 'copy-missing'],
  [404, undefined, 'copy-missing'],
  [405, 'MethodNotAllowed', 'copy-missing'],
  [403, 'InvalidObjectState', 'copy-archived'],
  [403, 'QuotaExceeded', 'store-full'],
  [507, undefined, 'store-full'],
  [400, 'KMS.DisabledException', 'store-no-permission'],
  [501, 'NotImplemented', 'store-unsupported'],
  [301, 'PermanentRedirect', 'store-not-found'],
  [307, 'TemporaryRedirect', 'store-busy'],
  [418, 'Teapot', 'store-answer'],
  [400, 'toString', 'store-answer'],
  [200, 'SyntaxError', 'store-unreachable'],
  [undefined, 'ECONNREFUSED', 'store-unreachable'],
  [undefined, 'ENOTFOUND', 'store-unreachable'],
  [undefined, 'EPIPE', 'store-unreachable'],
  [undefined, 'UND_ERR_HEADERS_TIMEOUT', 'store-unreachable'],
  [undefined, 'TimeoutError', 'store-unreachable'],
  [undefined, undefined, 'store-unreachable'],
  [undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'store-unsupported'],
  [undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'store-unsupported'],
];

describe('errors of S3', () => {
  for (const [status, code, meaning] of meanings) {
    it(`${status ?? 'no answer'} ${code ?? ''} means ${meaning}`, () => {
      const error = translate({ status, code }, place, object);
      assert.equal(error.code, meaning);
      assert.match(error.message, /^[A-Za-z].*\.$/);
      assert.match(error.advice ?? '', /[.?]$|[a-z]$/);
    });
  }

  it('of a bucket are not those of an object', () => {
    assert.equal(translate({ status: 404 }, place, bucket).code, 'store-not-found');
    assert.equal(translate({ status: 405, code: 'MethodNotAllowed' }, place, bucket).code, 'store-unsupported');
  });

  it('name the permission that is missing, the region that is right, and ca= for a certificate', () => {
    assert.match(translate({ status: 403 }, place, object).message, /s3:PutObject/);
    const elsewhere: Failure = { status: 400, code: 'AuthorizationHeaderMalformed', region: 'eu-west-1' };
    assert.match(translate(elsewhere, place, object).advice ?? '', /region=eu-west-1/);
    assert.match(translate({ code: 'CERT_HAS_EXPIRED' }, place, object).advice ?? '', /ca=/);
  });

  it('carry the pause that was asked for', () => {
    const clock = { now: () => Date.UTC(2026, 0, 1) };
    assert.equal(retryAfterMs('7', clock), 7000);
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', clock), 30_000);
    assert.equal(retryAfterMs('Wed, 31 Dec 2025 00:00:30 GMT', clock), 0);
    assert.equal(retryAfterMs('soon', clock), undefined);
    const error = translate({ status: 503, retryAfterMs: 7000 }, place, object);
    assert.equal(error.retryAfterMs, 7000);
    assert.ok(isTransient(error));
  });

  it('are read from the error document', () => {
    const text = '<?xml?><Error><Code>NoSuchKey</Code><Message>gone</Message><Region>eu-west-1</Region></Error>';
    assert.deepEqual(parseErrorDocument(text), { code: 'NoSuchKey', words: 'gone', region: 'eu-west-1' });
    assert.deepEqual(parseErrorDocument(''), { code: undefined, words: undefined, region: undefined });
  });

  it('are found among the causes of a network error', () => {
    const cause = Object.assign(new Error('x'), { code: 'ECONNRESET' });
    assert.equal(failureOfNetwork(new TypeError('fetch failed', { cause })).code, 'ECONNRESET');
  });

  it('of the SDK are not kept as the cause, for they may hold the session token', () => {
    const error = Object.assign(new Error('no match'), {
      name: 'SignatureDoesNotMatch',
      CanonicalRequest: 'x-amz-security-token:secret',
      $metadata: { httpStatusCode: 403 },
    });
    const translated = translate(failureOfSdk(error, { now: () => 0 }), place, object);
    assert.equal(translated.code, 'store-wrong-key');
    assert.equal(translated.cause, undefined);
  });
});
