import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { startPage, webAddress } from '../../electron/desktop/addresses.ts';
import { channels } from '../../electron/desktop/channels.ts';
import type { Sent } from '../../electron/desktop/system.ts';
import { preventable, StandIn, StandInContents, StandInService, until } from './stand-in.ts';

describe('what the window may not do', () => {
  let desktop: StandIn;
  beforeEach(async () => {
    desktop = new StandIn();
    await desktop.start();
  });
  afterEach(() => desktop.end());

  /** Whether an event of a page is let happen. */
  const lets = (contents: StandInContents, event: string, url = startPage, isMainFrame = true): boolean => {
    const navigation = preventable({ url, isMainFrame });
    contents.emit(event, navigation);
    return !navigation.prevented;
  };

  it('runs isolated, in the sandbox, without Node', () => {
    const preferences = desktop.window.options.webPreferences;
    assert.equal(desktop.app.sandboxed, true);
    assert.deepEqual(
      [preferences?.contextIsolation, preferences?.sandbox, preferences?.nodeIntegration, preferences?.webSecurity],
      [true, true, false, true],
    );
  });

  it('has an origin of its own, before anything is loaded', () => {
    const [app] = desktop.schemes;
    assert.equal(app?.scheme, 'app');
    assert.deepEqual([app.privileges.standard, app.privileges.secure], [true, true]);
    assert.equal(app.privileges.bypassCSP, undefined);
  });

  it('is refused every permission, asked for or looked up', () => {
    const { session } = desktop;
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'fullscreen',
    ]) {
      let granted: boolean | undefined;
      session.permission?.({}, permission, (answer) => (granted = answer));
      assert.equal(granted, false, permission);
    }
    assert.equal(session.permissionCheck?.(), false);
    assert.equal(session.device?.(), false);
    let streams: unknown;
    session.display?.({}, (answer) => (streams = answer));
    assert.equal(streams, null);
  });

  it('goes nowhere else, in no frame, by no redirection', () => {
    const { webContents } = desktop.window;
    for (const url of [
      'https://example.org/',
      'file:///etc/passwd',
      'app://elsewhere/',
      'javascript:alert(1)',
      startPage,
    ]) {
      assert.equal(lets(webContents, 'will-navigate', url), false, url);
      assert.equal(lets(webContents, 'will-redirect', url), false, url);
      assert.equal(lets(webContents, 'will-frame-navigate', url), false, url);
    }
    assert.equal(lets(webContents, 'will-frame-navigate', 'https://example.org/', false), false);
    assert.equal(lets(webContents, 'will-frame-navigate', 'app://strongroom/content/abc', false), true);
  });

  it('has no webviews and no second window, whatever makes one', () => {
    const stray = new StandInContents(99);
    desktop.app.emit('web-contents-created', preventable({}), stray);
    for (const contents of [desktop.window.webContents, stray]) {
      assert.equal(lets(contents, 'will-attach-webview'), false);
      assert.deepEqual(contents.openHandler?.({ url: 'about:blank' }), { action: 'deny' });
    }
  });

  it('sends a link to the web into the system browser, and no other link', () => {
    const open = desktop.window.webContents.openHandler;
    open?.({ url: 'https://drive.google.com/drive/folders/1' });
    for (const url of [
      'http://example.org/',
      'file:///bin/sh',
      'smb://server/x',
      'ms-msdt:/id',
      'https://u:p@example.org/',
      'x',
    ]) {
      assert.deepEqual(open?.({ url }), { action: 'deny' });
    }
    assert.deepEqual(desktop.opened, ['https://drive.google.com/drive/folders/1']);
  });

  it('requests nothing but what is its own', () => {
    for (const url of [startPage, 'app://strongroom/content/1', 'blob:app://strongroom/1', 'data:image/png;base64,']) {
      assert.equal(desktop.session.lets(url), true, url);
    }
    for (const url of [
      'https://example.org/',
      'http://127.0.0.1:1/',
      'ws://x/',
      'file:///etc/passwd',
      'app://strongroom.example/',
    ]) {
      assert.equal(desktop.session.lets(url), false, url);
    }
  });

  it('downloads nothing but what is its own', () => {
    const download = (url: string): boolean => {
      const event = preventable({});
      desktop.session.emit('will-download', event, { getURL: () => url });
      return !event.prevented;
    };
    assert.equal(download('app://strongroom/content/diagnostics'), true);
    assert.equal(download('https://example.org/setup.exe'), false);
    assert.equal(download('data:application/octet-stream,MZ'), false);
  });

  it('is heard only from its own page: no frame in it, no other window, no other origin, nobody who left', async () => {
    desktop.child.run(() => Promise.resolve(new StandInService()));
    const { window } = desktop;
    const strangers: readonly Sent[] = [
      window.sender({ parent: { url: startPage, parent: null } }),
      window.sender({ url: 'https://example.org/' }),
      window.sender({ url: 'app://strongroom.example/index.html' }),
      window.sender({ url: 'file:///index.html' }),
      { ...window.sender(), sender: { id: 77 } },
      { ...window.sender(), senderFrame: null },
    ];
    desktop.chosenFolder = '/home/somebody';
    for (const stranger of strangers) {
      desktop.ipcOn.get(channels.askForPort)?.(stranger);
      await assert.rejects(async () => desktop.ipcHandle.get(channels.pickFolder)?.(stranger, 'Choose'), /Refused/);
    }
    assert.deepEqual(desktop.folderDialogs, []);
    // A port that was given to the page tells that none was given before it.
    await until(() => desktop.tray.tooltip.includes('up to date'));
    assert.equal(window.webContents.posted.length, 0);
    desktop.ipcOn.get(channels.askForPort)?.(window.sender());
    assert.equal(window.webContents.posted.length, 1);
  });

  it('answers on no other channel', () => {
    assert.deepEqual(
      [...desktop.ipcOn.keys(), ...desktop.ipcHandle.keys()],
      [channels.askForPort, channels.pickFolder],
    );
  });
});

describe('an address for the browser', () => {
  it('is of the web, and as plain as it looks', () => {
    assert.equal(webAddress('https://example.org/a b'), 'https://example.org/a%20b');
    assert.equal(webAddress('http://127.0.0.1:8080/'), 'http://127.0.0.1:8080/');
    for (const address of [
      '',
      'example.org',
      'javascript:alert(1)',
      'file:///x',
      'mailto:a@b',
      'https://a:b@c/',
      ' vbscript:x',
    ]) {
      assert.equal(webAddress(address), undefined, address);
    }
  });
});
