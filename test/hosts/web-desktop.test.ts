import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { hasScreen, openingCommand } from '../../electron/hosts/web/browser.ts';
import { webDesktop } from '../../electron/hosts/web/desktop.ts';
import { Desk } from '../cli/kit.ts';
import { fakePrograms } from './kit.ts';

test('addresses are opened by the system, without a shell, and only web addresses', async (context) => {
  const { folder } = Desk.make(context);
  const programs = fakePrograms(folder, { 'xdg-open': '' });
  const desktop = webDesktop('linux', { PATH: programs.path, DISPLAY: ':99' });
  const address = 'https://accounts.example/o?a=1&b=$(touch%20x);`x`|"\'';
  await desktop.openUrl(address);
  assert.deepEqual(programs.calls('xdg-open'), [new URL(address).href]);
  const others = ['file:///etc/passwd', 'javascript:alert(1)', 'data:text/html,x', 'ms-msdt:/id', 'smb://server/share'];
  for (const other of others) await assert.rejects(desktop.openUrl(other), { code: 'usage' }, other);
  await assert.rejects(desktop.openUrl('--help'), TypeError);
  assert.equal(programs.calls('xdg-open').length, 1);
});

test('a file is shown and never run', async (context) => {
  const { folder } = Desk.make(context);
  const programs = fakePrograms(folder, { 'xdg-open': '' });
  const desktop = webDesktop('linux', { PATH: programs.path, DISPLAY: ':99' });
  const file = path.join(folder, '--a scan; $(x) & "y".tif');
  await desktop.openPath(file);
  assert.deepEqual(programs.calls('xdg-open'), [file]);
  for (const name of ['letter.pdf.exe', 'LETTER.BAT', 'x.lnk', 'x.desktop', 'x.ps1', 'x.jar', 'x.command', 'x.scr']) {
    await assert.rejects(desktop.openPath(path.join(folder, name)), { code: 'unsafe-path' }, name);
  }
  await assert.rejects(desktop.openPath('--version'), { code: 'unsafe-path' });
  assert.equal(programs.calls('xdg-open').length, 1);
});

test('where nothing can show it, that is said', async (context) => {
  const { folder } = Desk.make(context);
  const failing = fakePrograms(folder, { 'xdg-open': 'exit 3' });
  for (const environment of [
    { PATH: failing.path, DISPLAY: ':99' },
    { PATH: failing.path },
    { PATH: '/nowhere', DISPLAY: ':0' },
  ]) {
    const desktop = webDesktop('linux', environment);
    await assert.rejects(desktop.openUrl('https://drive.example/'), {
      code: 'usage',
      message: 'This computer has no program that could show https://drive.example/.',
    });
  }
  assert.equal(failing.calls('xdg-open').length, 1, 'without a screen nothing is started');
});

test('the web door opens like the systems do, and cannot start Strongroom at login', () => {
  assert.ok(!('setStartAtLogin' in webDesktop('linux', {})));
  assert.equal(webDesktop('linux', {}).door, 'web');
  assert.deepEqual(openingCommand('darwin', '/a'), { program: 'open', args: ['/a'] });
  assert.deepEqual(openingCommand('win32', 'C:\\a b'), {
    program: 'rundll32.exe',
    args: ['url.dll,FileProtocolHandler', 'C:\\a b'],
  });
  assert.equal(hasScreen('linux', { DISPLAY: '' }), false);
  assert.equal(hasScreen('linux', { WAYLAND_DISPLAY: 'wayland-0' }), true);
  assert.equal(hasScreen('darwin', {}), true);
  assert.equal(hasScreen('darwin', { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }), false);
});
