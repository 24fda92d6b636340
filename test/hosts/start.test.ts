import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import { electronRuntime, runElectron } from '../../electron/hosts/start/electron.ts';
import { HomeLock } from '../../electron/engine/catalog/lock.ts';
import { Desk, endOf } from '../cli/kit.ts';
import { fakePrograms } from './kit.ts';

const startFile = path.join(import.meta.dirname, '../../electron/hosts/start/main.ts');

/** A computer without Electron's runtime, where its download meets a closed port. */
async function withoutElectron(desk: Desk): Promise<Record<string, string>> {
  return {
    ...desk.env,
    ELECTRON_OVERRIDE_DIST_PATH: desk.at('no-electron'),
    ELECTRON_MIRROR: `http://127.0.0.1:${await closedPort()}/`,
    electron_config_cache: desk.at('electron-cache'),
  };
}

async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** `npm start` with these arguments, until it has said something and then is told to end. */
async function start(test: TestContext, env: Record<string, string>, args: readonly string[], enough: RegExp) {
  const child = spawn(process.execPath, [startFile, ...args], { env, stdio: 'pipe' });
  test.after(() => child.kill('SIGKILL'));
  let said = '';
  const saidEnough = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        said += text.toString();
        if (enough.test(said)) resolve();
      });
    }
  });
  const ended = endOf(child);
  await Promise.race([saidEnough, ended]);
  child.kill('SIGTERM');
  return { ...(await ended), said };
}

test('without Electron, npm start says so in one sentence and opens the window in the browser', async (context) => {
  const desk = Desk.make(context);
  const programs = fakePrograms(desk.folder, { 'xdg-settings': 'echo google-chrome.desktop', 'google-chrome': '' });
  const env = { ...(await withoutElectron(desk)), PATH: programs.path, DISPLAY: ':99' };
  const { code, out, err } = await start(context, env, [], /The window opens in the browser/);
  assert.equal(code, 0, err);
  assert.match(
    err,
    /^Fetching Electron.*\nElectron is not here and could not be fetched, so the same window opens in the browser\.\n/,
  );
  assert.match(out, /http:\/\/127\.0\.0\.1:\d+\/open#token=/, 'the address is printed all the same');
  assert.match(programs.calls('google-chrome').join('\n'), /^--app=http:\/\/127\.0\.0\.1:\d+\/open#token=[\w-]{43}$/);
  assert.ok(!HomeLock.isTaken(desk.home));
});

test('without a screen, npm start fetches nothing, opens nothing and prints the address', async (context) => {
  const desk = Desk.make(context);
  const programs = fakePrograms(desk.folder, { 'xdg-open': '', chromium: '' });
  const env = { ...(await withoutElectron(desk)), PATH: programs.path };
  const { code, out, err } = await start(context, env, [], /No browser could be opened/);
  assert.equal(code, 0, err);
  assert.match(err, /^There is no screen here for the desktop app, so Strongroom serves its window to a browser\.\n/);
  assert.doesNotMatch(err, /Fetching/);
  assert.match(out, /http:\/\/127\.0\.0\.1:\d+\/open#token=/);
  assert.deepEqual([programs.calls('xdg-open'), programs.calls('chromium')], [[], []]);
});

test('with Electron, npm start runs the desktop program and ends with it', async (context) => {
  const desk = Desk.make(context);
  const programs = fakePrograms(desk.folder, { electron: '' });
  const env = { ...desk.env, ELECTRON_OVERRIDE_DIST_PATH: programs.path, DISPLAY: ':99' };
  const { code, out, err } = await start(context, env, ['--home', desk.at('other')], /never said/);
  assert.equal(code, 0, err);
  const [program = '', ...more] = programs.calls('electron');
  assert.deepEqual(more, ['--home', desk.at('other')]);
  assert.ok(fs.existsSync(path.join(program, 'package.json')), program);
  assert.equal(out, '');
});

test('npm start says what can be said to it', async (context) => {
  const desk = Desk.make(context);
  const { code, err } = await start(context, desk.env, ['--nonsense'], /never said/);
  assert.equal(code, 2);
  assert.match(err, /npm start -- \[--home <folder>\]/);
});

test('a download that stands still is given up', async (context) => {
  const desk = Desk.make(context);
  // Takes every connection and never answers.
  const asked: string[] = [];
  const mirror = http.createServer((request) => asked.push(request.url ?? ''));
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    mirror.close();
    mirror.closeAllConnections();
  });
  const { port } = mirror.address() as net.AddressInfo;
  const environment = { ...(await withoutElectron(desk)), ELECTRON_MIRROR: `http://127.0.0.1:${port}/` };
  const fetches: true[] = [];
  const program = await electronRuntime({
    platform: 'linux',
    environment,
    patienceMs: 3_000,
    onFetch: () => fetches.push(true),
  });
  assert.equal(program, undefined);
  assert.equal(fetches.length, 1);
  assert.ok(asked.length <= 1 && asked.every((url) => url.includes('electron')), asked.join(' '));
});

test('a runtime that is there is taken as it is', async (context) => {
  const desk = Desk.make(context);
  const programs = fakePrograms(desk.folder, { electron: '' });
  const program = await electronRuntime({
    platform: 'linux',
    environment: { ELECTRON_OVERRIDE_DIST_PATH: programs.path },
    patienceMs: 1_000,
    onFetch: () => assert.fail('nothing is fetched'),
  });
  assert.equal(program, path.join(programs.path, 'electron'));
});

test('a desktop program that cannot run here is told apart from one that was closed', async (context) => {
  const desk = Desk.make(context);
  const programs = fakePrograms(desk.folder, { closed: 'exit 0', refused: 'exit 1' });
  const at = (name: string): string => path.join(programs.path, name);
  assert.equal(await runElectron(at('closed'), desk.folder, []), 0);
  assert.equal(await runElectron(at('refused'), desk.folder, []), undefined);
  assert.equal(await runElectron(at('missing'), desk.folder, []), undefined);
});
