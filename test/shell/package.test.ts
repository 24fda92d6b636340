import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { build, Platform } from 'electron-builder';
import { bundleDesktop } from '../../build/desktop/bundle.ts';
import { makeIcons } from '../../build/icons/make.ts';
import { packageConfig } from '../../build/package/config.ts';
import { stageApp } from '../../build/package/stage.ts';

/*
 * What electron-builder makes of the configuration, as far as it goes without Electron's binaries: it packs a real
 * app.asar for Linux around a stand-in for Electron's own folder, whose "program" is little more than the place where
 * fuses are set.
 */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const shippedFuses = '10110001';
const megabyte = 1_048_576;

describe('the package', () => {
  let scratch: string;
  let unpacked: string;
  let asar: string;
  let archive: ReadonlyMap<string, Buffer>;
  let files: string[];

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'strongroom-package-'));
    const made = (name: string): string => join(scratch, name);
    await bundleDesktop(made('desktop'));
    await makeIcons(made('icons'));
    mkdirSync(made('renderer/assets'), { recursive: true });
    writeFileSync(made('renderer/index.html'), '<!doctype html>');
    writeFileSync(made('renderer/assets/main.js'), 'start()');
    // What the build leaves there for the local web host and for itself.
    for (const name of ['assets/main.js.br', 'assets/main.js.gz', '.built-from'])
      writeFileSync(made(`renderer/${name}`), '');
    const folders = { desktop: made('desktop'), renderer: made('renderer'), icons: made('icons') };
    await stageApp({ ...folders, folder: made('app'), system: 'linux', machines: ['x64'] });
    makeElectron(made('electron'));
    const config = packageConfig({
      app: made('app'),
      output: made('packages'),
      icons: made('icons'),
      updatesUrl: 'https://updates.example.org/strongroom/',
    });
    await build({
      projectDir: process.cwd(),
      config: { ...config, electronDist: made('electron') },
      targets: Platform.LINUX.createTarget('dir'),
      publish: 'never',
    });
    unpacked = made('packages/linux-unpacked');
    asar = join(unpacked, 'resources/app.asar');
    archive = readArchive(asar);
    files = [...archive.keys()];
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('holds what it needs to start', () => {
    for (const name of [
      '/package.json',
      '/LICENSE',
      '/desktop/main.js',
      '/desktop/preload.cjs',
      '/desktop/engine.js',
      '/desktop/walk.worker.js',
      '/desktop/hash.worker.js',
      '/renderer/index.html',
      '/renderer/assets/main.js',
      '/icons/strongroom-256.png',
      '/icons/tray/light-24/safe@2x.png',
      '/icons/tray/template/working-8Template.png',
      '/node_modules/better-sqlite3/prebuilds/linux-x64.node',
      '/node_modules/keytar/index.js',
      '/node_modules/@napi-rs/keyring-linux-x64-gnu/keyring.linux-x64-gnu.node',
    ]) {
      assert.ok(files.includes(name), `${name} is not in the package`);
    }
    const description = JSON.parse(String(archive.get('/package.json'))) as Record<string, unknown>;
    assert.equal(description['main'], 'desktop/main.js');
    assert.equal(description['type'], 'module');
    assert.equal(description['dependencies'] ?? description['devDependencies'], undefined);
  });

  it('holds no sources, no tests, nothing for developers, and of libraries the two with native code alone', () => {
    const stray = files.filter(
      (name) =>
        !/\/LICENSE[^/]*$/.test(name) &&
        (/\.(ts|tsx|map|md|c|cc|cpp|h|hpp|gyp|br|gz|svg)$/.test(name) ||
          /\/(test|tests|src|deps|docs|\.[^/]+)(\/|$)/.test(name) ||
          /^\/(electron|shared|build|test)(\/|$)/.test(name)),
    );
    assert.deepEqual(stray, []);
    const top = new Set(files.map((name) => name.split('/')[1]));
    assert.deepEqual([...top].sort(), ['LICENSE', 'desktop', 'icons', 'node_modules', 'package.json', 'renderer']);
    const packages = new Set(
      files
        .flatMap((name) => /^\/node_modules\/((?:@[^/]+\/)?[^/]+)\/./.exec(name)?.[1] ?? [])
        .filter((name) => !name.startsWith('@napi-rs/keyring-') || name.includes('/')),
    );
    assert.deepEqual([...packages].sort(), ['@napi-rs/keyring-linux-x64-gnu', 'better-sqlite3', 'keytar']);
    const programs = files.filter((name) => name.endsWith('.node'));
    assert.equal(programs.length, 2, programs.join(', '));
  });

  it('lays programs with native code beside the archive, where the system can load them', () => {
    for (const name of [
      'better-sqlite3/prebuilds/linux-x64.node',
      '@napi-rs/keyring-linux-x64-gnu/keyring.linux-x64-gnu.node',
    ]) {
      assert.ok(existsSync(join(unpacked, 'resources/app.asar.unpacked/node_modules', name)), name);
    }
  });

  it('runs with what is in it alone', async () => {
    const engine = new Worker(join(scratch, 'app/desktop/engine.js'), { argv: ['--home', join(scratch, 'home')] });
    const [said] = (await once(engine, 'message')) as [unknown];
    assert.deepEqual(said, { kind: 'ready' });
    const ended = once(engine, 'exit');
    engine.postMessage({ message: { kind: 'close' } });
    await ended;
  });

  it('is small beside Electron itself', () => {
    const native = [
      'better-sqlite3/prebuilds/linux-x64.node',
      '@napi-rs/keyring-linux-x64-gnu/keyring.linux-x64-gnu.node',
    ]
      .map((name) => statSync(join(unpacked, 'resources/app.asar.unpacked/node_modules', name)).size)
      .reduce((sum, size) => sum + size, 0);
    const packed = statSync(asar).size;
    console.log(`app.asar ${(packed / megabyte).toFixed(1)} MB, native code ${(native / megabyte).toFixed(1)} MB`);
    assert.ok(packed < 10 * megabyte, `${packed} bytes`);
    assert.ok(native < 8 * megabyte, `${native} bytes`);
  });

  it('has its fuses set: no Node by the back door, and nothing but the archive is run', () => {
    const program = readFileSync(join(unpacked, 'strongroom'));
    const wire = program.indexOf(sentinel) + sentinel.length + 2;
    const fuses = program.subarray(wire, wire + shippedFuses.length).toString();
    // In this order: run as Node, encrypted cookies, NODE_OPTIONS, --inspect, checked archive, archive only, another
    // snapshot for the main process, privileges of file://. https://www.electronjs.org/docs/latest/tutorial/fuses
    assert.equal(fuses, '00001100');
    assert.notEqual(fuses, shippedFuses);
  });

  it('is refused where a machine would get no keychain', async () => {
    const folders = {
      desktop: join(scratch, 'desktop'),
      renderer: join(scratch, 'renderer'),
      icons: join(scratch, 'icons'),
    };
    await assert.rejects(
      stageApp({ ...folders, folder: join(scratch, 'other'), system: 'win32', machines: ['arm64'] }),
      /no keychain on arm64.*npm install --no-save --force @napi-rs\/keyring-win32-arm64-msvc@\d/,
    );
  });
});

describe("electron-builder's configuration", () => {
  const options = { app: 'dist/app', output: 'dist/packages', icons: 'dist/icons' };

  it('publishes nowhere, and looks for updates nowhere, unless an address is given', () => {
    assert.equal(packageConfig({ ...options, updatesUrl: undefined }).publish, null);
    const url = 'https://updates.example.org/strongroom/';
    assert.deepEqual(packageConfig({ ...options, updatesUrl: url }).publish, [{ provider: 'generic', url }]);
  });

  it('names installers without blanks', () => {
    const name = packageConfig({ ...options, updatesUrl: undefined }).artifactName ?? ' ';
    assert.match(name, /^\S+$/);
    assert.match(name, /\$\{version\}.*\$\{arch\}/);
  });

  it('makes what the staff of a library has: Windows for one or all users, both kinds of Mac, two kinds of Linux package', () => {
    const { win, nsis, mac, linux } = packageConfig({ ...options, updatesUrl: undefined });
    assert.deepEqual(win?.target, [{ target: 'nsis', arch: ['x64'] }]);
    assert.deepEqual([nsis?.oneClick, nsis?.perMachine, nsis?.allowElevation], [false, false, true]);
    assert.deepEqual(mac?.target, [{ target: 'dmg', arch: ['arm64', 'x64'] }]);
    assert.equal(mac.hardenedRuntime, true);
    assert.deepEqual(linux?.target, [
      { target: 'AppImage', arch: ['x64'] },
      { target: 'deb', arch: ['x64'] },
    ]);
  });

  it('names only files that are there', () => {
    const { mac } = packageConfig({ ...options, updatesUrl: undefined });
    assert.ok(existsSync(mac?.entitlements ?? ''));
    assert.match(readFileSync(mac?.entitlements ?? '', 'utf8'), /allow-jit/);
  });
});

/** A folder as Electron's downloads have it, in miniature. */
function makeElectron(folder: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  for (const locale of ['de', 'en-GB', 'en-US']) writeFileSync(join(folder, `locales/${locale}.pak`), '');
  cpSync('LICENSE', join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'LICENSES.chromium.html'), '');
  writeFileSync(join(folder, 'version'), '0.0.0');
  // Version 1 of the wire, its length, and each fuse as Electron ships it.
  const wire = Buffer.concat([Buffer.from(sentinel), Buffer.from([1, shippedFuses.length]), Buffer.from(shippedFuses)]);
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.alloc(64), wire, Buffer.alloc(64)]), { mode: 0o755 });
}

interface ArchiveEntry {
  readonly files?: Readonly<Record<string, ArchiveEntry>>;
  readonly offset?: string;
  readonly size?: number;
}

/** The files of an archive of Electron's and their content, empty for those beside it. https://github.com/electron/asar#format */
function readArchive(file: string): Map<string, Buffer> {
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.subarray(16, 16 + bytes.readUInt32LE(12)).toString()) as ArchiveEntry;
  const base = 8 + bytes.readUInt32LE(4);
  const found = new Map<string, Buffer>();
  const visit = (entry: ArchiveEntry, name: string): void => {
    if (entry.files === undefined) {
      const start = base + Number(entry.offset ?? 0);
      found.set(name, entry.offset === undefined ? Buffer.alloc(0) : bytes.subarray(start, start + (entry.size ?? 0)));
    } else for (const [child, inner] of Object.entries(entry.files)) visit(inner, `${name}/${child}`);
  };
  visit(header, '');
  return found;
}
