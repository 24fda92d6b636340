import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { joinChunks, parseHead } from '../../electron/engine/stores/s3/answer-head.ts';
import { Lines, type LineAnswer, type LinesOptions } from '../../electron/engine/stores/s3/lines.ts';
import { largeBytes } from '../contract/support.ts';

/** Of a test server on this computer, and of nothing else. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5c8ayXn3sqfYPDAG
eAS8SAySs7JVS4JJbyniVMCnhBuhRANCAASfL73hDBRBQ0tsrNz6DEJwajFtdeBf
AC4D0vjFr8npT4A/C0QP1oJ1+mkP8hsrIF5un6LtbbcE6fzIGauyHJIz
-----END PRIVATE KEY-----`;
const certificate = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUbDrV9wTRhs3soNTuJ9M5vDboZRQwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzExMzUzN1oYDzIxMjYxMDMw
MTEzNTM3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASfL73hDBRBQ0tsrNz6DEJwajFtdeBfAC4D0vjFr8npT4A/C0QP1oJ1
+mkP8hsrIF5un6LtbbcE6fzIGauyHJIzo2kwZzAdBgNVHQ4EFgQUy1Lnp1WvbR+w
AXZ/er9yrNT8QoYwHwYDVR0jBBgwFoAUy1Lnp1WvbR+wAXZ/er9yrNT8QoYwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
RwAwRAIgTzLiqkuQ9Mmp9txmAC5GiG1bGINbOTLrPE+cEWGN5bQCIHvzAxWawhy1
c1tSpQkPEsr1BHOWOMw3WjczReGoyo2H
-----END CERTIFICATE-----`;

const never = new AbortController().signal;

function linesTo(t: TestContext, origin: string, options: Partial<LinesOptions> = {}): Lines {
  const lines = new Lines({ origin, connections: 4, stallMs: 5_000, ca: undefined, ...options });
  t.after(() => lines.close());
  return lines;
}

/** A server that is told what to send, byte for byte. @returns its origin and how many connections it has had. */
async function rawServer(
  t: TestContext,
  answer: (socket: net.Socket, request: number) => void,
): Promise<{ readonly origin: string; connections: () => number }> {
  let connections = 0;
  let requests = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.on('data', () => answer(socket, (requests += 1)));
    t.after(() => socket.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

function get(lines: Lines, into?: Uint8Array, signal = never): Promise<LineAnswer> {
  return lines.get({ path: '/bucket/key', headers: { range: 'bytes=0-' }, into, signal });
}

async function contentOf(answer: LineAnswer): Promise<Buffer> {
  assert.ok(answer.content !== undefined);
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.content) pieces.push(piece);
  return Buffer.concat(pieces);
}

const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

for (const scheme of ['http', 'https'] as const) {
  test(`bytes are put where they are wanted, over ${scheme}, and connections serve again`, async (t) => {
    const bytes = largeBytes(3_000_000, 7);
    const listener: http.RequestListener = (request, response) => {
      assert.deepEqual([request.method, request.url, request.headers.range], ['GET', '/bucket/key', 'bytes=0-']);
      response.writeHead(206, { 'content-length': bytes.length, 'x-amz-version-id': 'v1' }).end(bytes);
    };
    const server =
      scheme === 'http' ? http.createServer(listener) : https.createServer({ key, cert: certificate }, listener);
    let connections = 0;
    server.on(scheme === 'http' ? 'connection' : 'secureConnection', () => (connections += 1));
    await once(server.listen(0, 'localhost'), 'listening');
    t.after(() => server.close().closeAllConnections());
    const origin = `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
    const lines = linesTo(t, origin, { ca: certificate });

    const memory = new Uint8Array(new SharedArrayBuffer(bytes.length + 5));
    const answer = await get(lines, memory);
    assert.deepEqual([answer.status, answer.header('x-amz-version-id')], [206, 'v1']);
    assert.ok(answer.content !== undefined);
    let length = 0;
    for await (const piece of answer.content) {
      assert.equal(piece.buffer, memory.buffer);
      assert.equal(piece.byteOffset, length);
      length += piece.length;
    }
    assert.ok(bytes.equals(memory.subarray(0, length)));
    // Too little memory is left alone, and none is needed.
    const short = new Uint8Array(100);
    assert.ok((await contentOf(await get(lines, short))).equals(bytes));
    assert.ok(short.every((byte) => byte === 0));
    assert.ok((await contentOf(await get(lines))).equals(bytes));
    assert.equal(connections, 1);
  });
}

test('a certificate that is not trusted, and a server that is not there', async (t) => {
  const server = https.createServer({ key, cert: certificate }, (_request, response) => void response.end());
  await once(server.listen(0, 'localhost'), 'listening');
  t.after(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  await assert.rejects(get(linesTo(t, `https://localhost:${port}`)), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const gone = net.createServer();
  await once(gone.listen(0, '127.0.0.1'), 'listening');
  const { port: nobody } = gone.address() as AddressInfo;
  gone.close();
  await assert.rejects(get(linesTo(t, `http://127.0.0.1:${nobody}`)), { code: 'ECONNREFUSED' });
});

test('an answer may come byte by byte, after an interim one', async (t) => {
  const text = `HTTP/1.1 100 Continue\r\n\r\n${ok('hello')}`;
  const { origin } = await rawServer(t, (socket) => {
    socket.setNoDelay(true);
    const send = (at: number): void => {
      if (at < text.length) socket.write(text.charAt(at), () => setImmediate(send, at + 1));
    };
    send(0);
  });
  assert.equal((await contentOf(await get(linesTo(t, origin)))).toString(), 'hello');
});

test('what is no content is told with its text: by length, in chunks, or to the end of the connection', async (t) => {
  const answers = [
    'HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone',
    'HTTP/1.1 503 Slow Down\r\nTransfer-Encoding: chunked\r\nRetry-After: 3\r\n\r\n3\r\nbus\r\n1;x=y\r\ny\r\n0\r\n\r\n',
    'HTTP/1.0 403 Forbidden\r\n\r\nnot yours',
    `HTTP/1.1 500 Oh\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(200_000)}`,
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ];
  const { origin, connections } = await rawServer(t, (socket, request) => {
    const answer = answers[request - 1] ?? ok('');
    if (answer.startsWith('HTTP/1.0')) socket.end(answer);
    else socket.write(answer);
  });
  const lines = linesTo(t, origin);
  const told: unknown[] = [];
  for (let index = 0; index < answers.length; index += 1) {
    const { status, header, content, text } = await get(lines);
    assert.equal(content, undefined);
    told.push([status, header('retry-after'), text.slice(0, 10), text.length]);
  }
  assert.deepEqual(told, [
    [404, undefined, 'gone', 4],
    [503, '3', 'busy', 4],
    [403, undefined, 'not yours', 9],
    [500, undefined, 'xxxxxxxxxx', 64 * 1024],
    [200, undefined, 'ok', 2],
  ]);
  assert.equal(connections(), 3, 'one after the end of the connection, one after a document that was cut off');
});

test('an answer that breaks off gives what came, and then fails', async (t) => {
  const { origin } = await rawServer(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
  const { content } = await get(linesTo(t, origin));
  assert.ok(content !== undefined);
  const first = await content.next();
  assert.equal(Buffer.from(first.value ?? []).toString(), 'half');
  await assert.rejects(content.next(), { code: 'ECONNRESET' });
});

test('nothing for too long is a failure, before the head and in the middle', async (t) => {
  const { origin } = await rawServer(t, (socket, request) => {
    if (request === 2) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  const lines = linesTo(t, origin, { stallMs: 50 });
  await assert.rejects(get(lines), { code: 'UND_ERR_BODY_TIMEOUT' });
  await assert.rejects(contentOf(await get(lines)), { code: 'UND_ERR_BODY_TIMEOUT' });
});

test('a reader that takes its time is no stall, and holds the server up', async (t) => {
  const bytes = largeBytes(64 * 1024 * 1024, 9);
  let sent = 0;
  const { origin } = await rawServer(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    const send = (at: number): void => {
      if (at >= bytes.length) return;
      socket.write(bytes.subarray(at, at + 65_536), () => {
        sent = at + 65_536;
        send(sent);
      });
    };
    send(0);
  });
  const { content } = await get(linesTo(t, origin, { stallMs: 50 }));
  assert.ok(content !== undefined);
  const first = await content.next();
  let before = -1;
  // Several stall times, until the server gets rid of nothing more.
  for (let quiet = 0; quiet < 6; quiet = sent === before ? quiet + 1 : 0) {
    before = sent;
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
  assert.ok(sent < bytes.length / 2, `${sent} bytes are on their way to nobody`);
  const pieces = [Buffer.from(first.value ?? [])];
  for await (const piece of content) pieces.push(Buffer.from(piece));
  assert.ok(Buffer.concat(pieces).equals(bytes));
});

test('a request can be called off: while it waits, and while content comes', async (t) => {
  const { origin, connections } = await rawServer(t, (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
  );
  const lines = linesTo(t, origin, { connections: 1 });
  const first = new AbortController();
  const { content } = await get(lines, undefined, first.signal);
  assert.ok(content !== undefined);
  await content.next();
  const second = new AbortController();
  const waiting = get(lines, undefined, second.signal);
  second.abort(new Error('not any more'));
  await assert.rejects(waiting, /not any more/);
  first.abort(new Error('enough'));
  await assert.rejects(content.next(), /enough/);
  // Whoever leaves early, or drops what was never begun, gives the connection up, and the next one gets another.
  const third = await get(lines);
  third.drop();
  const fourth = await get(lines);
  assert.ok(fourth.content !== undefined);
  for await (const piece of fourth.content) if (piece.length > 0) break;
  assert.equal((await get(lines)).status, 200);
  assert.equal(connections(), 4);
});

test('a connection that the server closed meanwhile is no failure; one that it closes every time is', async (t) => {
  const { origin, connections } = await rawServer(t, (socket, request) => {
    if (request === 1 || request === 3) socket.write(ok('yes'));
    else socket.destroy();
  });
  const lines = linesTo(t, origin);
  assert.equal((await contentOf(await get(lines))).toString(), 'yes');
  assert.equal((await contentOf(await get(lines))).toString(), 'yes');
  assert.equal(connections(), 2);
  await assert.rejects(get(lines), { code: 'ECONNRESET' });
});

test('answers that contradict themselves are refused, and so are headers that would begin another request', async (t) => {
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd',
    'HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n',
    'ICY 200 OK\r\n\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`,
  ];
  const { origin } = await rawServer(t, (socket, request) => void socket.write(answers[request - 1] ?? ok('')));
  const lines = linesTo(t, origin);
  for (const answer of answers) await assert.rejects(get(lines).then(contentOf), Error, answer.slice(0, 60));
  const request = { path: '/', into: undefined, signal: never };
  await assert.rejects(lines.get({ ...request, headers: { range: 'bytes=0-\r\nhost: other' } }), /control/);
});

test('heads and chunks that are not whole yet are waited for', () => {
  const head = Buffer.from('HTTP/1.1 206 Partial Content\r\ncontent-length: 3\r\nConnection: close\r\n\r\nabc');
  for (let length = 0; length < head.length - 3; length += 1)
    assert.equal(parseHead(head.subarray(0, length)), undefined);
  const parsed = parseHead(head);
  assert.deepEqual(
    [parsed?.head.status, parsed?.head.body, parsed?.head.keepsAlive, parsed?.length],
    [206, 3, false, head.length - 3],
  );
  const chunks = Buffer.from('4\r\nwiki\r\n0\r\n\r\n');
  for (let length = 0; length < 12; length += 1) assert.equal(joinChunks(chunks.subarray(0, length)), undefined);
  assert.equal(joinChunks(chunks)?.toString(), 'wiki');
  assert.throws(() => joinChunks(Buffer.from('xyz\r\n')), /chunks/);
});
