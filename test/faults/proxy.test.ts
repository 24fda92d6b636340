import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request as startRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { startFaultProxy, type FaultProxy } from './proxy.ts';
import { seededRandom } from './random.ts';

interface Seen {
  readonly line: string;
  readonly rawHeaders: readonly string[];
  readonly bytes: number;
  readonly digest: string;
  readonly complete: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether HTTP saw the whole response. */
  readonly complete: boolean;
}

const seed = 20_240_607;
const random = seededRandom(seed);
const content = Buffer.from(Array.from({ length: 300_000 }, () => random() * 256));

describe(`fault proxy (seed ${seed})`, () => {
  let server: Server;
  let proxy: FaultProxy;
  let nextSeen = deferred<Seen>();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });

  before(async () => {
    server = createServer((request, response) => {
      void receive(request).then((seen) => {
        nextSeen.resolve(seen);
        if (!seen.complete) return;
        if (request.url?.startsWith('/chunked') === true) response.setHeader('Transfer-Encoding', 'chunked');
        else response.setHeader('Content-Length', content.length);
        response.end(content);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    proxy = await startFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { seed });
  });
  afterEach(() => {
    proxy.clear();
    nextSeen = deferred<Seen>();
  });
  after(async () => {
    agent.destroy();
    await proxy.stop();
    server.close();
    server.closeAllConnections();
  });

  const send = (path: string, body?: Buffer, headers: Record<string, string> = {}) =>
    exchange(proxy.endpoint + path, agent, body, headers);

  test('passes a request and its answer on unchanged', async () => {
    const answer = await send('/a%20b/c?list-type=2&x', content, { 'X-Amz-Meta-Name': latin1('Größe') });
    const seen = await nextSeen.promise;
    assert.deepEqual(answer.body, content);
    assert.equal(seen.line, 'PUT /a%20b/c?list-type=2&x');
    assert.equal(seen.digest, digestOf(content));
    const headerOf = (name: string) => seen.rawHeaders[seen.rawHeaders.indexOf(name) + 1];
    assert.equal(headerOf('Host'), new URL(proxy.endpoint).host);
    assert.equal(headerOf('X-Amz-Meta-Name'), latin1('Größe'));
    assert.deepEqual(proxy.log.at(-1), {
      method: 'PUT',
      path: '/a%20b/c',
      query: 'list-type=2&x',
      status: 200,
      requestBytes: content.length,
      responseBytes: content.length,
    });
  });

  test('passes a chunked answer on', async () => {
    const answer = await send('/chunked');
    assert.ok(answer.complete);
    assert.deepEqual(answer.body, content);
  });

  test('passes 100 Continue on', async () => {
    const answer = await send('/', content, { Expect: '100-continue' });
    assert.equal(answer.status, 200);
    assert.equal((await nextSeen.promise).digest, digestOf(content));
  });

  test('cuts the request after exactly the bytes asked for', async () => {
    proxy.inject({ fault: { kind: 'cut-request', afterBytes: 100_001 } });
    await assert.rejects(send('/', content));
    const seen = await nextSeen.promise;
    assert.deepEqual([seen.bytes, seen.complete], [100_001, false]);
    assert.equal(proxy.log.at(-1)?.fault, 'cut-request');
    assert.equal((await send('/', content)).status, 200, 'the rule was for one request');
  });

  test('cuts a request before it begins', async () => {
    const before = proxy.log.length;
    proxy.inject({ fault: { kind: 'cut-request', afterBytes: 0 } });
    await assert.rejects(send('/'));
    assert.equal(proxy.log[before]?.requestBytes, 0);
  });

  for (const path of ['/', '/chunked']) {
    test(`cuts the response after exactly the bytes asked for: ${path}`, async () => {
      proxy.inject({ fault: { kind: 'cut-response', afterBytes: 70_001 } });
      const answer = await send(path);
      assert.deepEqual([answer.body.length, answer.complete], [70_001, false]);
      assert.equal(proxy.log.at(-1)?.responseBytes, 70_001);
    });

    test(`truncates the response so that HTTP sees nothing wrong: ${path}`, async () => {
      proxy.inject({ fault: { kind: 'truncate-response', afterBytes: 70_001 } });
      const answer = await send(path);
      assert.ok(answer.complete);
      assert.deepEqual(answer.body, content.subarray(0, 70_001));
    });
  }

  test('answers with an error in the form of S3, and passes nothing on', async () => {
    proxy.inject({ fault: { kind: 'answer', status: 503, retryAfterSeconds: 7 } });
    proxy.inject({ fault: { kind: 'answer', status: 500 } });
    const slowDown = await send('/a&b', content);
    const internal = await send('/', content);
    assert.deepEqual([slowDown.status, slowDown.headers['retry-after']], [503, '7']);
    assert.match(slowDown.body.toString(), /<Error><Code>SlowDown<\/Code>.*<Resource>\/a&amp;b<\/Resource>/);
    assert.equal(internal.status, 500);
    assert.match(internal.body.toString(), /<Code>InternalError<\/Code>/);
    assert.equal(proxy.log.at(-1)?.requestBytes, 0);
  });

  test('flips one bit of one byte, either way', async () => {
    const flipped = Buffer.from(content);
    flipped[200_000] = flipped[200_000]! ^ 1;
    proxy.inject({ fault: { kind: 'flip-byte', where: 'request', offset: 200_000 } });
    assert.deepEqual((await send('/', content)).body, content);
    assert.equal((await nextSeen.promise).digest, digestOf(flipped));
    proxy.inject({ fault: { kind: 'flip-byte', where: 'response', offset: 200_000 } });
    assert.deepEqual((await send('/')).body, flipped);
  });

  test('loses the response to a request that the server carried out', async () => {
    proxy.inject({ fault: { kind: 'lose-response' } });
    await assert.rejects(send('/', content));
    assert.equal((await nextSeen.promise).digest, digestOf(content));
    assert.deepEqual([proxy.log.at(-1)?.fault, proxy.log.at(-1)?.responseBytes], ['lose-response', 0]);
  });

  test('delays, and passes on slowly', async () => {
    const begun = performance.now();
    proxy.inject({ fault: { kind: 'delay', milliseconds: 200 } });
    await send('/');
    const delayed = performance.now();
    proxy.inject({ fault: { kind: 'slow', where: 'request', bytesPerSecond: 1_000_000 } });
    await send('/', content);
    const sent = performance.now();
    proxy.inject({ fault: { kind: 'slow', where: 'response', bytesPerSecond: 1_000_000 } });
    assert.deepEqual((await send('/')).body, content);
    const received = performance.now();
    // Only lower bounds: a loaded machine may be as slow as it likes.
    assert.ok(delayed - begun >= 190);
    assert.ok(sent - delayed >= 250);
    assert.ok(received - sent >= 250);
  });

  test('stalls until the client gives up, either way', async () => {
    proxy.inject({ fault: { kind: 'stall', where: 'request', afterBytes: 1000 } });
    const stalled = startRequest(`${proxy.endpoint}/`, { method: 'PUT', headers: { 'Content-Length': 2000 } });
    stalled.end(content.subarray(0, 2000));
    await until(() => proxy.log.at(-1)?.fault === 'stall');
    const failed = once(stalled, 'error');
    stalled.destroy(new Error('enough'));
    await failed;
    assert.equal((await nextSeen.promise).complete, false);

    proxy.inject({ fault: { kind: 'stall', where: 'response', afterBytes: 1000 } });
    const waiting = startRequest(`${proxy.endpoint}/`).end();
    const [response] = (await once(waiting, 'response')) as [IncomingMessage];
    let received = 0;
    response.on('data', (chunk: Buffer) => (received += chunk.length));
    response.on('error', () => undefined);
    await until(() => received === 1000 && proxy.log.at(-1)?.fault === 'stall');
    waiting.destroy();
  });

  test('produces no fault, and says none, for a byte beyond the end', async () => {
    proxy.inject({ fault: { kind: 'cut-response', afterBytes: content.length } });
    proxy.inject({ fault: { kind: 'flip-byte', where: 'request', offset: 10 } });
    assert.deepEqual((await send('/')).body, content);
    assert.deepEqual((await send('/', content.subarray(0, 10))).body, content);
    assert.deepEqual(
      proxy.log.slice(-2).map((entry) => entry.fault),
      [undefined, undefined],
    );
  });

  test('applies a rule to the nth match only', async () => {
    const fault = { kind: 'answer', status: 500 } as const;
    proxy.inject({ fault, match: (head) => head.query.has('partNumber') && head.method === 'PUT', skip: 1, times: 2 });
    const statuses: number[] = [];
    for (const path of ['/?partNumber=1', '/', '/?partNumber=2', '/?partNumber=3', '/?partNumber=4']) {
      statuses.push((await send(path, content)).status);
    }
    assert.deepEqual(statuses, [200, 200, 500, 500, 200]);
  });

  test('draws the same faults from the same seed', async () => {
    const draws: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const again = await startFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { seed });
      again.inject({ fault: { kind: 'answer', status: 503 }, probability: 0.5 });
      for (let count = 0; count < 20; count += 1) await exchange(`${again.endpoint}/`, agent);
      draws.push(again.log.map((entry) => entry.status).join());
      await again.stop();
    }
    assert.equal(draws[0], draws[1]);
    assert.match(draws[0] ?? '', /200/);
    assert.match(draws[0] ?? '', /503/);
  });

  test('streams a large body in bounded memory', async () => {
    const before = process.memoryUsage().rss;
    const total = 500_000_000;
    const upload = startRequest(`${proxy.endpoint}/`, { method: 'PUT', headers: { 'Content-Length': total } });
    const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
    const block = Buffer.alloc(1_000_000);
    for (let sent = 0; sent < total; sent += block.length) {
      if (!upload.write(block)) await once(upload, 'drain');
    }
    upload.end();
    const [response] = await answered;
    response.resume();
    await once(response, 'end');
    assert.equal((await nextSeen.promise).bytes, total);
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 200_000_000, `grew by ${grown} bytes`);
  });
});

async function receive(request: IncomingMessage): Promise<Seen> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch {
    // The request was cut; `complete` says so.
  }
  const { method = '', url = '', rawHeaders, complete } = request;
  return { line: `${method} ${url}`, rawHeaders, bytes, digest: hash.digest('hex'), complete };
}

/** One request; rejects when there was no response at all. */
async function exchange(
  url: string,
  agent: Agent,
  body?: Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'PUT';
  const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
  const request = startRequest(url, { agent, method, headers: { ...headers, ...length } });
  // A response may come before the body was sent, and the connection break after it.
  const response = once(request, 'response') as Promise<[IncomingMessage]>;
  request.on('error', () => undefined);
  if (headers['Expect'] === undefined) request.end(body);
  else request.once('continue', () => request.end(body));
  const [incoming] = await response;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // The response was cut; `complete` says so.
  }
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    complete: incoming.complete,
  };
}

/** Header values are bytes to node:http, one a character. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Waits for a state that is certain to come; the runner's limit ends a test in which it never does. */
async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setImmediate(resolve));
}

function deferred<T>() {
  return Promise.withResolvers<T>();
}
