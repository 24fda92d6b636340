import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import { outputs } from '../../electron/hosts/cli/output.ts';
import { withoutThrift } from '../../electron/hosts/thrift.ts';
import { noncePlaceholder } from '../../shared/contract/csp.ts';
import type { Contract } from '../../shared/contract/contract.ts';
import { Desk, endOf, exactly } from '../cli/kit.ts';
import { cookieOf, read, tokenOf, windowAt, type Answer } from './kit.ts';

async function ask(address: string, options: http.RequestOptions, body?: string): Promise<Answer> {
  const request = http.request(address, { ...options, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return await read(response);
}

async function signIn(address: string): Promise<string> {
  const { origin } = new URL(address);
  const headers = { origin, 'content-type': 'application/json' };
  const answer = await ask(
    `${origin}/session`,
    { method: 'POST', headers },
    JSON.stringify({ token: tokenOf(address) }),
  );
  assert.equal(answer.status, 200);
  return cookieOf(answer);
}

test('serve gives the built window and the engine of its home to whoever has the address', async (context) => {
  const desk = Desk.make(context);
  const serving = desk.start(['serve', '--json']);
  context.after(() => serving.kill('SIGKILL'));
  const ended = endOf(serving);
  const { stdout } = serving;
  assert.ok(stdout !== null);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const next = async () => exactly(outputs.serve, String((await lines.next()).value));

  const { address, alreadyRunning } = await next();
  assert.equal(alreadyRunning, false);
  const { origin, host } = new URL(address);
  const cookie = await signIn(address);
  const page = await ask(`${origin}/`, { headers: { cookie } });
  assert.equal(page.status, 200);
  assert.ok(!page.body.includes(noncePlaceholder));
  assert.match(page.body, /<meta property="csp-nonce" nonce="[^"]{24}"/);
  // Every file that the page names comes from this door, compressed.
  const names = Array.from(page.body.matchAll(/(?:src|href)="\.([^"]+)"/g), ([, name]) => name ?? '');
  assert.ok(names.length >= 2, page.body);
  for (const name of names) {
    const file = await ask(`${origin}${name}`, { headers: { cookie, 'accept-encoding': 'br' } });
    assert.equal(file.status, 200, name);
    assert.match(
      String(file.headers['content-type']),
      /^(text\/(javascript|css); charset=utf-8|image\/(svg\+xml|png))$/,
    );
    assert.doesNotMatch(file.body, /sourceMappingURL/);
  }
  assert.doesNotMatch(
    page.body,
    /<script(?![^>]*src=)|\sstyle=|\son\w+=/,
    'nothing in it needs to be allowed by exception',
  );

  const socket = new WebSocket(`ws://${host}/rpc`, { headers: { cookie, origin } });
  await once(socket, 'open');
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
  const engine: ContractRouterClient<Contract> = createORPCClient(link);
  const about = await engine.app.about();
  assert.deepEqual([about.door, about.home], ['web', desk.home]);

  serving.stdin?.write('\n');
  assert.notEqual((await next()).address, address);
  const second = await desk.run(['serve', '--json']);
  assert.equal(second.code, 4, second.err);
  const told = exactly(outputs.serve, second.out);
  assert.equal(told.alreadyRunning, true);
  await signIn(told.address);
  const words = await desk.run(['serve', '--no-open']);
  assert.equal(words.code, 4);
  assert.ok(
    words.out.startsWith(`Strongroom runs here already, at ${origin}. Its window is at this address:\n`),
    words.out,
  );

  if (process.platform === 'linux') {
    // Settled from outside, glibc reads it at the start alone.
    const settled = fs.readFileSync(`/proc/${serving.pid}/environ`, 'utf8').split('\0');
    assert.ok(settled.includes('MALLOC_ARENA_MAX=1'), 'it began itself anew, as the same process');
  }
  serving.kill('SIGINT');
  const { code, err } = await ended;
  assert.equal(code, 0, err);
  socket.terminate();
  // Whoever closed it cleanly left nothing to check, and nobody has the lock.
  assert.deepEqual((await desk.json('sync')).runs, []);
});

test('serve runs with an allocator that gives memory back, and passes that on to no other program', () => {
  const given = { PATH: '/usr/bin', MALLOC_ARENA_MAX: '1', NODE_COMPILE_CACHE: '/anywhere' };
  assert.deepEqual(withoutThrift(given), { PATH: '/usr/bin' });
});

test('serve refuses what is no port, and a port that is in use', async (context) => {
  const desk = Desk.make(context);
  for (const port of ['x', '-1', '65536', '1.5', '']) await desk.fails(['serve', `--port=${port}`], 'usage', 2);
  const other = http.createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  context.after(() => other.close());
  const { port } = other.address() as { port: number };
  const told = await desk.fails(['serve', '--port', String(port), '--no-open'], 'usage', 2);
  assert.match(told.message, /another program uses it/);
});

test('serve opens its window over a damaged catalog, says so, and ends where the window wants to leave', async (context) => {
  const desk = Desk.make(context);
  await desk.run(['status']);
  desk.write('home/catalog.db', 'no catalog at all, and none that could be taken for one'.repeat(1_000));
  const serving = desk.start(['serve', '--no-open']);
  context.after(() => serving.kill('SIGKILL'));
  const ended = endOf(serving);
  const { stdout } = serving;
  assert.ok(stdout !== null);
  let said = '';
  while (!/#token=\S+/.test(said)) said += String((await once(stdout, 'data'))[0]);
  const [address = ''] = /http:\S+#token=\S+/.exec(said) ?? [];
  const engine = await windowAt(context, address);
  const first = await (await engine.app.live()).next();
  assert.ok(first.done !== true && first.value.type === 'state');
  assert.equal(first.value.stopped?.problem.code, 'catalog-damaged');
  await assert.rejects(engine.sources.list());
  // Its answer may not arrive: the door that gives it is being closed.
  engine.start.leave().catch(() => undefined);
  const { code, err } = await ended;
  assert.equal(code, 0, err);
  assert.match(err, /is damaged .*The window says what can be done about it\./);
});

test('a second serve beside one that hangs names it, leaves its word alone, and takes over when it ends', async (context) => {
  const desk = Desk.make(context);
  const serve = async () => {
    const serving = desk.start(['serve', '--no-open']);
    context.after(() => serving.kill('SIGKILL'));
    const { stdout, stderr } = serving;
    assert.ok(stdout !== null && stderr !== null);
    let remarks = '';
    stderr.on('data', (text: Buffer) => (remarks += text.toString()));
    let said = '';
    while (!/#token=\S+/.test(said)) said += String((await once(stdout, 'data'))[0]);
    const [address = ''] = /http:\S+#token=\S+/.exec(said) ?? [];
    const says = async (what: RegExp): Promise<void> => {
      while (!what.test(remarks)) await once(stderr, 'data');
    };
    return { serving, address, says, ended: endOf(serving) };
  };
  const first = await serve();
  const { origin } = new URL(first.address);
  // Alive, and not answering.
  first.serving.kill('SIGSTOP');
  const second = await serve();
  await second.says(
    new RegExp(
      `runs here already, as process ${first.serving.pid}, but it does not answer\\. If it stays so, end that`,
    ),
  );
  const waiting = new URL(second.address);
  assert.notEqual(waiting.origin, origin);
  // It was only slow: whoever asks now is sent to it, and not to the one that waits.
  first.serving.kill('SIGCONT');
  const third = await desk.run(['serve', '--json']);
  assert.equal(third.code, 4, third.err);
  assert.equal(new URL(exactly(outputs.serve, third.out).address).origin, origin);
  await signIn(first.address);

  const engine = await windowAt(context, second.address);
  const live = await engine.app.live();
  first.serving.kill('SIGINT');
  assert.equal((await first.ended).code, 0);
  for await (const event of live) if (event.type === 'state' && event.stopped === undefined) break;
  const fourth = await desk.run(['serve', '--json']);
  assert.equal(fourth.code, 4, fourth.err);
  assert.equal(new URL(exactly(outputs.serve, fourth.out).address).origin, waiting.origin);
  second.serving.kill('SIGINT');
  assert.equal((await second.ended).code, 0);
  assert.deepEqual(
    fs.readdirSync(desk.home).filter((name) => name.startsWith('web-host')),
    [],
  );
});
