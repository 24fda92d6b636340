import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../engine/kit.ts';
import { House, inTime, minute, problemOf } from './kit.ts';
import { mailServer, settingsFor } from './mail.ts';

test('an e-mail is sent when a person is needed: grouped, once for the same thing, and again after it was settled', async (t) => {
  const house = await House.create(t);
  const server = await mailServer(t, 'secret 1');
  await house.client.settings.set({ email: settingsFor(server.port), emailPassword: 'secret 1' });
  await house.protect();
  const away = `${house.root}-away`;
  const lose = async (): Promise<void> => {
    fs.renameSync(house.root, away);
    await house.sync();
    await house.attention(/^root:/);
  };
  await lose();
  assert.equal(server.mails.length, 0);
  house.time.advance(minute);
  await server.delivered(1);
  const [mail = ''] = server.mails;
  assert.match(mail, /^Subject: Strongroom: The folder of =\?|^Subject: .*/m);
  assert.match(mail, /^To: staff@library\.example$/m);
  // The same thing, over hours and a new start, is no news.
  house.time.advance(180 * minute);
  await house.quiet();
  await house.reopen();
  await house.quiet();
  house.time.advance(5 * minute);
  await house.quiet();
  assert.equal(server.mails.length, 1);
  fs.renameSync(away, house.root);
  await house.sync();
  await house.until('the end of it', () => house.state.attention.length === 0);
  await lose();
  house.time.advance(minute);
  await server.delivered(2);
});

test('a message that could not be sent is sent later', async (t) => {
  const house = await House.create(t);
  const server = await mailServer(t, 'right');
  await house.client.settings.set({ email: settingsFor(server.port), emailPassword: 'wrong' });
  await house.protect();
  fs.rmSync(path.join(house.root, 'first.txt'));
  await house.sync();
  await house.attention(/^root:/);
  const problem = await problemOf(house.client.settings.testEmail(), 'usage');
  assert.match(problem.message, /does not accept the user name or password/);
  house.time.advance(minute);
  await house.time.due(15 * minute, 15 * minute);
  await house.client.settings.set({ emailPassword: 'right' });
  house.time.advance(15 * minute);
  await server.delivered(1);
});

test('the test mail and the test ping say in words what does not work', async (t) => {
  const house = await House.create(t);
  await problemOf(house.client.settings.testEmail(), 'usage');
  const server = await mailServer(t, 'secret');
  await house.client.settings.set({ email: { ...settingsFor(server.port), user: '' } });
  await house.client.settings.testEmail();
  assert.match(server.mails[0] ?? '', /This is a test from Strongroom/);
  const closed = net.createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  await house.client.settings.set({ email: settingsFor(port), pingUrl: `http://127.0.0.1:${port}/ping/token` });
  const mail = await problemOf(house.client.settings.testEmail(), 'usage');
  assert.match(mail.message, /cannot be reached/);
  const ping = await problemOf(house.client.settings.testPing(), 'usage');
  assert.match(ping.message, /cannot be reached/);
  assert.doesNotMatch(JSON.stringify(ping), /token/);
});

test('after every round in which all was well there is a ping, and none after another', async (t) => {
  const house = await House.create(t);
  const asked: string[] = [];
  let told = (): void => undefined;
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
    told();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => {
    server.close();
    server.closeAllConnections();
  });
  const pinged = async (count: number): Promise<void> => {
    while (asked.length < count) {
      await inTime<undefined>('a ping', (resolve) => {
        told = () => {
          resolve(undefined);
        };
      });
    }
  };
  const { port } = server.address() as AddressInfo;
  await house.client.settings.set({ pingUrl: `http://127.0.0.1:${port}/alive` });
  await house.protect();
  await pinged(1);
  house.time.advance(30 * minute);
  await house.quiet();
  await pinged(2);
  fs.renameSync(house.root, `${house.root}-away`);
  house.time.advance(30 * minute);
  await house.quiet();
  await house.attention(/^root:/);
  fs.renameSync(`${house.root}-away`, house.root);
  house.time.advance(30 * minute);
  await house.quiet();
  await pinged(3);
  assert.deepEqual(asked, ['/alive', '/alive', '/alive']);
});
