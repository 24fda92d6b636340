import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { HomeLock } from '../../electron/engine/catalog/lock.ts';
import { bringToken, fakePrograms, smallWindow, tokenOf } from './kit.ts';

/** A line that `serving.ts` prints. */
interface Line {
  readonly address?: string;
  readonly why?: string;
  readonly said?: string;
  readonly closing?: boolean;
  readonly closed?: boolean;
  readonly outcome?: string;
  readonly error?: string;
}

/** A web host in a process of its own, as `strongroom serve` is one. */
class Serving {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly ended: Promise<number | null>;

  constructor(test: TestContext, desk: Place, options: { readonly browser?: boolean; readonly stdin?: 'ignore' } = {}) {
    const program = path.join(import.meta.dirname, 'serving.ts');
    this.child = spawn(
      process.execPath,
      [program, desk.home, desk.window, options.browser === true ? 'browser' : 'none'],
      { stdio: [options.stdin ?? 'pipe', 'pipe', 'inherit'], env: desk.env },
    );
    test.after(() => this.child.kill('SIGKILL'));
    const { stdout } = this.child;
    assert.ok(stdout !== null);
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  async next(): Promise<Line> {
    const line = await this.#lines.next();
    assert.ok(line.done !== true, 'it printed nothing more');
    return JSON.parse(line.value) as Line;
  }

  /** The address that it prints when it is there. */
  async started(): Promise<string> {
    const { address, why } = await this.next();
    assert.equal(why, 'started');
    return address ?? '';
  }

  /** Lets what is under way come to its end, and expects a good one. */
  async finish(): Promise<void> {
    this.child.kill('SIGUSR2');
    assert.deepEqual(await this.next(), { closed: true });
    assert.deepEqual(await this.next(), { outcome: 'served' });
    assert.equal(await this.ended, 0);
  }
}

interface Place {
  readonly folder: string;
  readonly home: string;
  readonly window: string;
  readonly env: Record<string, string>;
}

function makePlace(test: TestContext): Place {
  const window = smallWindow(test);
  const folder = path.dirname(window);
  return { folder, window, home: path.join(folder, 'home'), env: { PATH: process.env['PATH'] ?? '', HOME: folder } };
}

/** Where a host leaves word of itself. */
function wordOf({ home }: Place, { child }: Serving): string {
  return path.join(home, `web-host-${child.pid}.json`);
}

/** Brings the token of an address. @returns the status. */
async function bring(address: string): Promise<number> {
  const response = await bringToken(address);
  response.resume();
  return response.statusCode ?? 0;
}

const wayOut: Record<string, (child: ChildProcess) => void> = {
  SIGINT: (child) => child.kill('SIGINT'),
  SIGTERM: (child) => child.kill('SIGTERM'),
  'the terminal closing (SIGHUP)': (child) => child.kill('SIGHUP'),
  'the end of standard input': (child) => child.stdin?.end(),
};

for (const [name, stop] of Object.entries(wayOut)) {
  test(`${name} ends the host: no more requests, then the runs, then the catalog`, async (context) => {
    const place = makePlace(context);
    const serving = new Serving(context, place);
    const address = await serving.started();
    assert.equal(await bring(address), 200);
    const word = wordOf(place, serving);
    assert.equal(fs.statSync(word).mode & 0o777, 0o600);
    stop(serving.child);
    assert.deepEqual(await serving.next(), { closing: true });
    await assert.rejects(bring(address), { code: 'ECONNREFUSED' });
    assert.ok(!fs.existsSync(word));
    assert.ok(HomeLock.isTaken(place.home), 'the catalog is open as long as something is under way');
    // A terminal that goes away says so more than once.
    serving.child.kill('SIGHUP');
    await serving.finish();
    assert.ok(fs.existsSync(path.join(place.home, 'catalog.stamp')), 'the catalog was closed cleanly');
    assert.ok(!HomeLock.isTaken(place.home));
  });
}

test('without a terminal or a pipe it stays until a signal comes', async (context) => {
  const serving = new Serving(context, makePlace(context), { stdin: 'ignore' });
  const address = await serving.started();
  assert.equal(await bring(address), 200);
  assert.equal(await bring(address), 403);
  assert.equal(serving.child.exitCode, null);
  serving.child.kill('SIGTERM');
  assert.deepEqual(await serving.next(), { closing: true });
  await serving.finish();
});

test('Enter gives another address, and the one before stays good', async (context) => {
  const serving = new Serving(context, makePlace(context));
  const first = await serving.started();
  serving.child.stdin?.write('\n');
  const { address: second = '', why } = await serving.next();
  assert.equal(why, 'asked');
  assert.notEqual(tokenOf(first), tokenOf(second));
  assert.deepEqual([await bring(second), await bring(first), await bring(second)], [200, 200, 403]);
  serving.child.stdin?.end();
  assert.deepEqual(await serving.next(), { closing: true });
  await serving.finish();
});

test('a second one in the same home says where the first is, with an address that opens it', async (context) => {
  const place = makePlace(context);
  const first = new Serving(context, place);
  const address = await first.started();
  const second = new Serving(context, place);
  const told = await second.next();
  assert.equal(told.why, 'runs-already');
  assert.equal(new URL(told.address ?? '').origin, new URL(address).origin);
  assert.deepEqual(await second.next(), { outcome: 'runs-already' });
  assert.equal(await second.ended, 0);
  assert.deepEqual([await bring(told.address ?? ''), await bring(address)], [200, 200]);
});

test('the word of a host that was killed is not believed', async (context) => {
  const place = makePlace(context);
  const killed = new Serving(context, place);
  await killed.started();
  killed.child.kill('SIGKILL');
  await killed.ended;
  const word = wordOf(place, killed);
  assert.ok(fs.existsSync(word));
  // Something else of Strongroom works here now; and somebody else listens where the host did.
  const { origin } = JSON.parse(fs.readFileSync(word, 'utf8')) as { origin: string };
  const asked: string[] = [];
  const stranger = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(JSON.stringify({ address: `${origin}/open#token=forged`, expiresAt: 1 }));
  });
  await new Promise<void>((resolve) => stranger.listen(Number(new URL(origin).port), '127.0.0.1', resolve));
  context.after(() => stranger.close());
  const lock = HomeLock.take(place.home, { now: () => 0 });
  const second = new Serving(context, place);
  assert.match((await second.next()).error ?? '', /Another Strongroom \(process \d+, .*\) is working in/);
  assert.equal(await second.ended, 1);
  assert.deepEqual(asked, [], 'the key was shown to nobody');
  lock.release();
  const third = new Serving(context, place);
  assert.equal(await bring(await third.started()), 200);
  assert.ok(!fs.existsSync(word), 'and it is taken away when a host starts again');
});

test('the window opens as one of its own where the default browser can, with an address for this user only', async (context) => {
  const place = makePlace(context);
  const programs = fakePrograms(place.folder, {
    'xdg-settings': 'echo chromium.desktop',
    chromium: '',
    'xdg-open': '',
  });
  Object.assign(place.env, { PATH: programs.path, DISPLAY: ':99' });
  const serving = new Serving(context, place, { browser: true });
  const printed = await serving.started();
  assert.deepEqual(await serving.next(), { said: 'The window opens in the browser.' });
  assert.deepEqual(programs.calls('xdg-open'), []);
  const [argument = '', ...more] = programs.calls('chromium');
  assert.deepEqual(more, []);
  assert.match(argument, /^--app=http:\/\/127\.0\.0\.1:\d+\/open#token=/);
  const opened = argument.slice('--app='.length);
  assert.notEqual(tokenOf(opened), tokenOf(printed));
  assert.deepEqual([await bring(opened), await bring(printed)], [200, 200]);
});

test('another default browser gets the address by the system, and none is no trouble', async (context) => {
  const place = makePlace(context);
  const programs = fakePrograms(place.folder, { 'xdg-settings': 'echo firefox.desktop', 'xdg-open': '' });
  Object.assign(place.env, { PATH: programs.path, DISPLAY: ':99' });
  const serving = new Serving(context, place, { browser: true });
  await serving.started();
  assert.deepEqual(await serving.next(), { said: 'The window opens in the browser.' });
  assert.match(programs.calls('xdg-open')[0] ?? '', /^http:\/\/127\.0\.0\.1:\d+\/open#token=/);

  const none = 'No browser could be opened here: open the address yourself.';
  for (const [name, env] of [
    ['a screen without a browser', { DISPLAY: ':99', PATH: path.join(place.folder, 'empty') }],
    ['a browser without a screen', { DISPLAY: '', PATH: programs.path }],
  ] as const) {
    const other = makePlace(context);
    Object.assign(other.env, env);
    const alone = new Serving(context, other, { browser: true });
    const address = await alone.started();
    assert.deepEqual(await alone.next(), { said: none }, name);
    assert.equal(await bring(address), 200);
  }
  assert.equal(programs.calls('xdg-open').length, 1);
});

test('where the default browser fails at once, the next way is tried', async (context) => {
  const place = makePlace(context);
  const programs = fakePrograms(place.folder, {
    'xdg-settings': 'echo google-chrome.desktop',
    // Chromium refuses to run as the administrator.
    'google-chrome': 'exit 1',
    'xdg-open': 'exit 3',
    'microsoft-edge': '',
  });
  Object.assign(place.env, { PATH: programs.path, DISPLAY: ':99' });
  const serving = new Serving(context, place, { browser: true });
  await serving.started();
  assert.deepEqual(await serving.next(), { said: 'The window opens in the browser.' });
  for (const name of ['google-chrome', 'xdg-open', 'microsoft-edge'])
    assert.equal(programs.calls(name).length, 1, name);
});
