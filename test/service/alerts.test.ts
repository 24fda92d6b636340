import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { atEnd } from '../engine/kit.ts';
import { House, inTime, minute, problemOf } from './kit.ts';

interface MailServer {
  readonly port: number;
  /** What was delivered, headers and text. */
  readonly mails: string[];
  /** Resolves when so many were delivered. */
  delivered(count: number): Promise<void>;
}

/** A mail server, as far as one message needs: https://www.rfc-editor.org/rfc/rfc5321 and AUTH PLAIN of RFC 4954. */
async function mailServer(t: TestContext, password: string): Promise<MailServer> {
  const mails: string[] = [];
  let told = (): void => undefined;
  const server = net.createServer((socket) => {
    let mail: string | undefined;
    let rest = '';
    const say = (line: string): void => {
      socket.write(`${line}\r\n`);
    };
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      rest += bytes.toString();
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (mail !== undefined) {
          if (line !== '.') {
            mail += `${line}\n`;
            continue;
          }
          mails.push(mail);
          mail = undefined;
          told();
          say('250 taken');
        } else if (line.startsWith('EHLO')) {
          say('250-here');
          say('250 AUTH PLAIN');
        } else if (line.startsWith('AUTH PLAIN')) {
          const given = Buffer.from(line.slice(11), 'base64').toString().split('\u0000');
          say(given[2] === password ? '235 welcome' : '535 no');
        } else if (line === 'DATA') {
          mail = '';
          say('354 go on');
        } else if (line === 'QUIT') {
          say('221 bye');
          socket.end();
        } else say('250 well');
      }
    });
    say('220 here');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => {
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    async delivered(count) {
      while (mails.length < count) {
        await inTime<undefined>('a message', (resolve) => {
          told = () => {
            resolve(undefined);
          };
        });
      }
    },
  };
}

function settingsFor(port: number) {
  return {
    host: '127.0.0.1',
    port,
    secure: false,
    user: 'strongroom',
    hasPassword: false,
    from: 'strongroom@library.example',
    to: ['staff@library.example'],
  };
}

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
