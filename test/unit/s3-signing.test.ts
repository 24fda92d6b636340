import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptySha256, encodePath, Signer, type SignableRequest } from '../../electron/engine/stores/s3/signing.ts';

/**
 * The examples that Amazon publishes, signatures included.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const at = Date.UTC(2013, 4, 24);
const examples: readonly (readonly [name: string, request: Partial<SignableRequest>, signature: string])[] = [
  [
    'GET of a range',
    { path: '/test.txt', headers: { range: 'bytes=0-9' } },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'PUT',
    {
      method: 'PUT',
      path: encodePath('/test$file.text'),
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      bodySha256: '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'a subresource',
    { path: '/', query: [['lifecycle', '']] },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a list',
    {
      path: '/',
      query: [
        ['prefix', 'J'],
        ['max-keys', '2'],
      ],
    },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
];

describe('Signature Version 4', () => {
  for (const [name, request, signature] of examples) {
    it(`signs Amazon's example: ${name}`, () => {
      const signer = new Signer('us-east-1');
      const whole: SignableRequest = {
        method: 'GET',
        host: 'examplebucket.s3.amazonaws.com',
        path: '/',
        query: [],
        headers: {},
        bodySha256: emptySha256,
        ...request,
      };
      for (let time = 0; time < 2; time += 1) {
        const headers = signer.sign(whole, credentials, at);
        assert.match(headers['authorization'] ?? '', new RegExp(`Signature=${signature}$`));
      }
    });
  }

  it('signs the token of temporary keys, and with a new key every day', () => {
    const signer = new Signer('eu-central-1');
    const request = { method: 'GET', host: 'h', path: '/', query: [], headers: {}, bodySha256: emptySha256 };
    const first = signer.sign(request, { ...credentials, sessionToken: 'token' }, at);
    assert.equal(first['x-amz-security-token'], 'token');
    assert.match(first['authorization'] ?? '', /SignedHeaders=[^,]*x-amz-security-token/);
    const nextDay = signer.sign(request, credentials, at + 86_400_000);
    assert.match(nextDay['authorization'] ?? '', /20130525\/eu-central-1\/s3/);
    assert.notEqual(
      nextDay['authorization'],
      new Signer('eu-central-1').sign(request, credentials, at)['authorization'],
    );
  });

  it('encodes a path as S3 does', () => {
    assert.equal(encodePath("a b+c/ä!'()*~-_.%"), 'a%20b%2Bc/%C3%A4%21%27%28%29%2A~-_.%25');
  });
});
