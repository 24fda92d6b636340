import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Page, WebSocketRoute } from 'playwright';
import { allCopied, Visitor } from './kit.ts';

/** How long a window may be without its connection before it says so is two seconds; it is looked for, not waited for. */
const saysThat = (page: Page, words: RegExp) => page.getByRole('alert').filter({ hasText: words });

test('the line to the web host is cut and comes back: the window says so, and recovers by itself', async (t) => {
  const visitor = await Visitor.arrive(t);
  const { page } = visitor;
  await visitor.takeSample();
  // The line goes through the test from now on.
  const lines: WebSocketRoute[] = [];
  let through = true;
  await page.routeWebSocket('**/rpc', async (line) => {
    if (through) {
      line.connectToServer();
      lines.push(line);
    } else await line.close({ code: 1001 });
  });
  await page.reload();
  await visitor.heading(allCopied).waitFor();
  const lost = saysThat(page, /The window cannot reach Strongroom\. It tries again by itself/);
  await visitor.chapter(t, 'it says what is old and what is safe', async () => {
    through = false;
    await lines.at(-1)?.close({ code: 1001 });
    await lost.waitFor();
    await visitor.assertAccessible('Overview, the connection lost');
    await visitor.picture('connection-lost');
    assert.ok(await visitor.button('Pause…').isDisabled());
  });
  await visitor.chapter(t, 'a question asked meanwhile waits, and has its answer when the line is back', async () => {
    await visitor.go('Stores');
    through = true;
    await lost.waitFor({ state: 'detached' });
    await page.getByRole('heading', { level: 2 }).first().waitFor();
  });
  await visitor.chapter(t, 'what changes from then on is told again', async () => {
    await visitor.button('Pause…').click();
    await page.getByRole('menuitem').first().click();
    await visitor.button('Resume').first().click();
    await visitor.button('Pause…').waitFor();
  });
});

test('Strongroom is killed and started anew: two windows say so, and go on once one of them was let in', async (t) => {
  const visitor = await Visitor.arrive(t);
  const { page, desk } = visitor;
  await visitor.takeSample();
  const second = await page.context().newPage();
  await second.goto(page.url());
  await second.getByRole('heading', { name: allCopied, level: 1 }).waitFor();
  const { port } = new URL(page.url());
  await visitor.kill();
  const windows = [page, second];
  for (const window of windows) await saysThat(window, /If Strongroom was stopped in its terminal/).waitFor();

  const again = desk.start(['serve', '--no-open', '--port', port]);
  t.after(() => again.kill('SIGKILL'));
  assert.ok(again.stdout !== null);
  let said = '';
  while (!/#token=\S+/.test(said)) said += String((await once(again.stdout, 'data'))[0]);
  for (const window of windows) await saysThat(window, /was started anew/).waitFor();
  await visitor.assertAccessible('Overview, signed out');
  await visitor.picture('signed-out');

  const [address = ''] = /http:\S+#token=\S+/.exec(said) ?? [];
  const third = await page.context().newPage();
  await third.goto(address);
  for (const window of windows) {
    await window.getByRole('alert').waitFor({ state: 'detached' });
    await window.getByRole('heading', { name: allCopied, level: 1 }).waitFor();
  }
  // The address was used up; in this browser it opens the window all the same, in another it does not.
  await third.goto('about:blank');
  await third.goto(address);
  await third.getByRole('heading', { name: allCopied, level: 1 }).waitFor();
  const stranger = await (await page.context().browser()?.newContext())?.newPage();
  await stranger?.goto(address);
  await stranger?.getByRole('heading', { name: 'This address does not open Strongroom any more' }).waitFor();
  await stranger?.context().close();
});

/**
 * The desktop's bridge in the page, over the web host's socket: the same messages pass, and the test says when the
 * engine's process has ended and when it is there again.
 */
const bridge = `(() => {
  let told = () => undefined;
  let socket;
  const give = () => {
    const { port1, port2 } = new MessageChannel();
    const waiting = [];
    socket = new WebSocket(new URL('rpc', document.baseURI).href.replace(/^http/, 'ws'));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => { for (const data of waiting.splice(0)) socket.send(data); };
    socket.onmessage = ({ data }) => port1.postMessage(data);
    port1.onmessage = ({ data }) => socket.readyState === 0 ? waiting.push(data) : socket.send(data);
    window.postMessage('strongroom-port', location.origin, [port2]);
  };
  window.strongroom = {
    askForPort: give,
    pickFolder: async () => null,
    onNavigate: () => undefined,
    onConnection: (listener) => { told = listener; },
  };
  window.engineEnds = () => { socket.onmessage = null; told('lost'); };
  window.engineIsBack = () => { told('reconnected'); give(); };
})()`;

test('the engine’s process ends and is started again: a window with a port says so, and recovers by itself', async (t) => {
  const visitor = await Visitor.arrive(t);
  const { page } = visitor;
  await visitor.takeSample();
  await page.addInitScript(bridge);
  await page.reload();
  await visitor.heading(allCopied).waitFor();
  const lost = saysThat(page, /The part of Strongroom that makes the copies has stopped\. It is being started again/);
  await visitor.chapter(t, 'what was under way fails in words, and the window says what happened', async () => {
    // What has no answer any more: the port's other end is deaf, as after a crash.
    await page.evaluate('engineEnds()');
    await lost.waitFor();
    await visitor.assertAccessible('Overview, the engine gone');
    await visitor.picture('engine-gone');
  });
  await visitor.chapter(t, 'over the new port everything goes on', async () => {
    await visitor.go('Sources');
    await page.evaluate('engineIsBack()');
    await lost.waitFor({ state: 'detached' });
    await visitor.button('Pause…').click();
    await page.getByRole('menuitem').first().click();
    await visitor.button('Resume').waitFor();
  });
  await visitor.chapter(
    t,
    'a new port in the place of one that was not told to be lost is listened to as well',
    async () => {
      await page.evaluate('engineIsBack()');
      await visitor.button('Resume').click();
      await visitor.button('Pause…').waitFor();
    },
  );
});
