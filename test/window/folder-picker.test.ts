import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visitor } from './kit.ts';

test('what is typed before the first folders have come is what is gone to', async (t) => {
  const visitor = await Visitor.arrive(t, {
    before: (desk) => {
      desk.write('scans/letter.txt', 'a letter\n');
      return Promise.resolve();
    },
  });
  const { page, desk } = visitor;
  await visitor.on('Welcome');
  // From here on the engine's answers can be held up, as by a share that is slow to be read.
  let isSlow = false;
  const held: (() => void)[] = [];
  await page.routeWebSocket(/\/rpc/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (isSlow) held.push(() => socket.send(message));
      else socket.send(message);
    });
  });
  await page.reload();
  await page.getByRole('link', { name: 'Protect a folder' }).click();
  const adding = visitor.dialog('Add a source');
  await adding.waitFor();
  isSlow = true;
  await adding.getByRole('button', { name: 'Choose…' }).click();
  const picker = visitor.dialog('Choose the folder to protect');
  const field = picker.getByRole('textbox', { name: 'Folder' });
  await field.fill(desk.at('scans'));
  isSlow = false;
  for (const send of held) send();
  await picker.getByRole('navigation', { name: 'Where you are' }).waitFor();
  assert.equal(await field.inputValue(), desk.at('scans'));
  assert.ok(await picker.getByRole('button', { name: 'Choose', exact: true }).isDisabled(), 'it was not gone to yet');

  await t.test('as is what is written otherwise than the engine writes it', async () => {
    await field.press('End');
    await field.pressSequentially('/');
    await field.press('Enter');
    await picker.getByRole('button', { name: 'Choose scans' }).click();
    await picker.waitFor({ state: 'detached' });
    const chosen = await adding.getByRole('textbox', { name: 'Folder to protect' }).inputValue();
    assert.equal(chosen.replace(/\/$/, ''), desk.at('scans'));
  });
  assert.deepEqual(visitor.complaints, []);
});
