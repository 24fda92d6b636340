import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { bundleDesktop, desktopFolder } from '../../build/desktop/bundle.ts';
import { makeIcons } from '../../build/icons/make.ts';
import { buildRenderer } from '../../build/renderer/build.ts';

/*
 * What only Electron's own binary can prove; everything that can be proved without it is in test/shell. Each test asks the
 * running app, in its main process or in its page.
 */
describe('Strongroom in Electron', () => {
  let scratch: string;
  let app: ElectronApplication;
  let page: Page;

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'strongroom-electron-'));
    await buildRenderer();
    await bundleDesktop();
    await makeIcons();
    app = await launch();
    page = await app.firstWindow();
    await page.waitForLoadState('load');
  });
  after(async () => {
    await app.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const launch = (): Promise<ElectronApplication> =>
    _electron.launch({
      args: [desktopFolder, '--home', join(scratch, 'home')],
      env: {
        ...environment(),
        XDG_CONFIG_HOME: join(scratch, 'config'),
        STRONGROOM_PASSPHRASE: 'a passphrase of the test',
      },
    });

  it('shows its window, from its own protocol, under the policy', async () => {
    assert.match(page.url(), /^app:\/\/strongroom\/index\.html/);
    assert.equal(await page.title(), 'Strongroom');
    const policy = await page.evaluate(async () => (await fetch('index.html')).headers.get('content-security-policy'));
    assert.match(policy ?? '', /default-src 'none'/);
    await page.getByRole('main').waitFor();
  });

  it('has no Node in the page, and only the bridge of Electron', async () => {
    const found = await page.evaluate(() => ({
      node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in globalThis),
      bridge: Object.keys((globalThis as { strongroom?: object }).strongroom ?? {}).sort(),
    }));
    assert.deepEqual(found, { node: [], bridge: ['askForPort', 'onConnection', 'onNavigate', 'pickFolder'] });
  });

  it('runs the engine in a utility process, with its libraries of native code', async () => {
    const services = await app.evaluate(({ app: running }) => running.getAppMetrics().map(({ name }) => name));
    assert.ok(services.includes('Strongroom engine'), services.join(', '));
    // Opening a catalog takes a library with native code.
    assert.ok(existsSync(join(scratch, 'home/catalog.db')));
  });

  it('starts the engine again when it is killed, and the page goes on', async () => {
    const pid = await enginePid();
    assert.ok(pid);
    const told = page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const heard: string[] = [];
          const { strongroom } = globalThis as unknown as {
            strongroom: { onConnection(listener: (connection: string) => void): void };
          };
          strongroom.onConnection((connection) => {
            heard.push(connection);
            if (connection === 'reconnected') resolve(heard);
          });
        }),
    );
    process.kill(pid, 'SIGKILL');
    assert.deepEqual(await told, ['lost', 'reconnected']);
    assert.notEqual(await enginePid(), pid);
  });

  it('refuses what leads out: navigation, new windows, other origins, files beside its own', async () => {
    // As text: this layer has no DOM.
    const outcome = (code: string): Promise<unknown> =>
      page.evaluate(`(async () => String(await (${code})))().catch((error) => error.name)`);
    const found = {
      opened: await outcome("window.open('about:blank')"),
      web: await outcome("fetch('https://example.org/')"),
      beside: await outcome("fetch('app://strongroom/..%2fdesktop%2fmain.js').then(({ status }) => status)"),
      position: await outcome("navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state)"),
    };
    assert.deepEqual(found, { opened: 'null', web: 'TypeError', beside: '404', position: 'denied' });
    await page.evaluate("void (location.href = 'https://example.org/')");
    assert.match(page.url(), /^app:\/\/strongroom\//);
    assert.equal(app.windows().length, 1);
  });

  it('hides into the tray when it is closed, and comes back by a second start', async () => {
    const visible = (): Promise<boolean | undefined> =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    assert.equal(await visible(), false);
    const shown = app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<void>((resolve) => BrowserWindow.getAllWindows()[0]?.once('show', () => resolve())),
    );
    // The second one ends at once, so that Playwright cannot attach to it.
    await launch().catch(() => undefined);
    await shown;
    assert.equal(await visible(), true);
  });

  it('lets the page choose a folder through the dialog of the system, and nothing else of it', async () => {
    mkdirSync(join(scratch, 'masters'));
    await app.evaluate(
      ({ dialog }, folder) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] });
      },
      join(scratch, 'masters'),
    );
    const chosen = await page.evaluate(() => {
      const { strongroom } = globalThis as unknown as {
        strongroom: { pickFolder(title: string): Promise<string | null> };
      };
      return strongroom.pickFolder('Choose the folder to protect');
    });
    assert.equal(chosen, join(scratch, 'masters'));
  });

  const enginePid = (): Promise<number | undefined> =>
    app.evaluate(({ app: running }) => running.getAppMetrics().find(({ name }) => name === 'Strongroom engine')?.pid);
});

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
