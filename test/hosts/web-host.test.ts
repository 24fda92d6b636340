import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import vm from 'node:vm';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { WebSocket } from 'ws';
import { openScript } from '../../electron/hosts/web/pages.ts';
import { WebHost } from '../../electron/hosts/web/server.ts';
import type { Contract } from '../../shared/contract/contract.ts';
import { Host, smallWindow, StillClock } from './kit.ts';
import { smallService } from './small-service.ts';

/** A signed-in window's connection. */
async function connect(test: TestContext, host: Host): Promise<WebSocket> {
  const socket = host.socket({ cookie: await host.signIn(), origin: host.host.origin });
  test.after(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

/** The contract through a connection, as the window has it. */
function clientOf(socket: WebSocket): ContractRouterClient<Contract> {
  return createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }));
}

test('the contract answers over the WebSocket, and its streams end with the connection', async (context) => {
  const host = await Host.start(context);
  const socket = await connect(context, host);
  const engine = clientOf(socket);
  assert.equal((await engine.app.about()).version, '1.2.3');
  for await (const event of await engine.app.live()) {
    assert.deepEqual(event, { type: 'changed', what: ['files'] });
    break;
  }
  await engine.app.about();
  assert.deepEqual(host.asked.calls, ['live', 'live ended'], 'leaving a stream ends it in the engine');
  const stream = (await engine.app.live())[Symbol.asyncIterator]();
  await stream.next();
  socket.terminate();
  await once(socket, 'close');
  const other = clientOf(await connect(context, host));
  await other.app.about();
  assert.deepEqual(host.asked.calls, ['live', 'live ended', 'live', 'live ended'], 'so does the end of the connection');
});

test('what is no message of the contract harms nobody', async (context) => {
  const host = await Host.start(context);
  const socket = await connect(context, host);
  const complaints = context.mock.method(console, 'error', () => undefined);
  for (const junk of ['', '{', 'null', '[]', '{"i":1}', '{"i":"9","p":{"u":"/app/nothing"}}']) socket.send(junk);
  socket.send(Buffer.from([0xff, 0x00, 0xff]));
  assert.equal((await clientOf(socket).app.about()).computer, 'desk');
  for (const { arguments: given } of complaints.mock.calls) assert.doesNotMatch(String(given), /strongroom-/);
});

test('the page and its files come with their types, compressed where the browser takes it', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const page = await host.ask('/', { headers: { cookie } });
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(page.body, /<div id="root">/);
  const script = '/assets/main-abc123.js';
  for (const [accepted, encoding, body] of [
    ['gzip, deflate, br, zstd', 'br', 'as brotli'],
    ['gzip;q=1.0, br;q=0', 'gzip', 'as gzip'],
    ['GZIP', 'gzip', 'as gzip'],
    ['br;q=0.0, gzip;q=0', undefined, 'plain();'],
    ['identity', undefined, 'plain();'],
    [undefined, undefined, 'plain();'],
  ]) {
    const answer = await host.ask(script, { headers: { cookie, 'accept-encoding': accepted } });
    assert.equal(answer.headers['content-encoding'], encoding, accepted);
    assert.equal(answer.body, body);
    assert.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(answer.headers['content-length'], String(body?.length));
    assert.equal(answer.headers.vary, 'accept-encoding');
  }
  const font = await host.ask('/assets/font-abc123.woff2', { headers: { cookie, 'accept-encoding': 'br' } });
  assert.equal(font.headers['content-type'], 'font/woff2');
  assert.equal(font.body, 'font');
  const head = await host.ask(script, { method: 'HEAD', headers: { cookie } });
  assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '8']);
  const pageHead = await host.ask('/', { method: 'HEAD', headers: { cookie } });
  assert.deepEqual([pageHead.status, pageHead.body], [200, '']);
});

test('content comes as the service gives it, in parts where parts are asked for', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const whole = await host.ask('/content/letter', { headers: { cookie } });
  assert.deepEqual([whole.status, whole.body], [200, 'letter']);
  assert.equal(whole.headers['content-security-policy'], "default-src 'none'; sandbox", 'its own policy, the stricter');
  assert.equal(whole.headers['accept-ranges'], 'bytes');
  assert.equal(whole.headers['cross-origin-resource-policy'], 'same-origin');
  const part = await host.ask('/content/letter', { headers: { cookie, range: 'bytes=2-4' } });
  assert.deepEqual([part.status, part.body, part.headers['content-range']], [206, 'tte', 'bytes 2-4/6']);
  const gone = await host.ask('/content/gone', { headers: { cookie } });
  assert.equal(gone.status, 404);
  assert.deepEqual(
    host.asked.tickets.map(({ ticket, range }) => [ticket, range]),
    [
      ['letter', undefined],
      ['letter', 'bytes=2-4'],
      ['gone', undefined],
    ],
  );
});

test('content that nobody reads any more is not read on', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const request = http.get({ host: '127.0.0.1', port: host.port, path: '/content/endless', headers: { cookie } });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await once(response, 'data');
  const [asked] = host.asked.tickets;
  const body = host.asked.endless;
  assert.ok(asked !== undefined && body !== undefined && !asked.signal.aborted);
  const closed = new Promise((resolve) => body.once('close', resolve));
  const ended = Promise.all([once(asked.signal, 'abort'), closed]);
  request.on('error', () => undefined);
  request.destroy();
  await ended;
});

test('closing tells the windows, ends what flows, and frees the port', async (context) => {
  const files = smallWindow(context);
  const { service, asked } = smallService();
  const host = await WebHost.start({ service, files, port: 0, clock: new StillClock() });
  const port = Number(new URL(host.origin).port);
  const helper = await Host.start(context, files);
  await assert.rejects(
    WebHost.start({ service, files, port, clock: new StillClock() }),
    /cannot listen on port \d+ of 127\.0\.0\.1: another program uses it/,
  );
  const socket = await connect(context, helper);
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  await helper.host.close();
  const [code, reason] = await closed;
  assert.deepEqual([code, reason.toString()], [1001, 'Strongroom was closed']);
  await host.close();
  const again = await WebHost.start({ service, files, port, clock: new StillClock() });
  await again.close();
  assert.deepEqual(asked.calls, []);
});

test('a window that was not built is told of in words', async (context) => {
  const folder = smallWindow(context);
  fs.rmSync(path.join(folder, 'index.html'));
  const { service } = smallService();
  await assert.rejects(WebHost.start({ service, files: folder, port: 0, clock: new StillClock() }), {
    code: 'usage',
    message: `The files of the window are not in ${folder}.`,
  });
});

/** The page that takes the token out of its address, in a browser of a few lines. */
async function visit(hash: string, answer: () => Promise<{ ok: boolean; json: () => Promise<unknown> }>) {
  const shown = { title: '', text: '' };
  const seen: { requests: unknown[]; history: string[]; went: string[] } = { requests: [], history: [], went: [] };
  const settled = Promise.withResolvers<undefined>();
  const element = (id: 'title' | 'text') => ({
    set textContent(words: string) {
      shown[id] = words;
      if (id === 'text' && seen.requests.length > 0) settled.resolve(undefined);
    },
  });
  const replace = (to: string): void => {
    seen.went.push(to);
    settled.resolve(undefined);
  };
  vm.runInNewContext(openScript, {
    document: { getElementById: element },
    history: { replaceState: (_state: unknown, _title: string, to: string) => seen.history.push(to) },
    location: { hash, replace },
    URLSearchParams,
    fetch: (...given: unknown[]) => {
      seen.requests.push(given);
      return answer();
    },
  });
  if (seen.requests.length > 0) await settled.promise;
  return { shown, ...seen };
}

test('the page takes the token out of its address, forgets it, and goes on', async () => {
  const answered = () => Promise.resolve({ ok: true, json: () => Promise.resolve({}) });
  const { requests, history, went } = await visit('#token=abc-123', answered);
  const [[address, options]] = requests as [[string, { method: string; body: string }]];
  assert.deepEqual([address, options.method, options.body], ['/session', 'POST', '{"token":"abc-123"}']);
  assert.deepEqual(history, ['/open'], 'neither the address bar nor the history keeps it');
  assert.deepEqual(went, ['/']);
});

test('the page says in words when a token is spent, when nobody answers, and when there is none', async () => {
  const spent = await visit('#token=old', () =>
    Promise.resolve({ ok: false, json: () => Promise.resolve({ title: 'Used', text: 'Press Enter.' }) }),
  );
  assert.deepEqual([spent.shown, spent.went], [{ title: 'Used', text: 'Press Enter.' }, []]);
  const silent = await visit('#token=any', () => Promise.reject(new TypeError('Failed to fetch')));
  assert.equal(silent.shown.title, 'Strongroom does not answer');
  const none = await visit('', () => Promise.reject(new Error('nothing is asked')));
  assert.deepEqual([none.requests, none.history, none.shown.title], [[], [], '']);
});
