import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { atEnd } from '../engine/kit.ts';
import { inTime } from './kit.ts';

export interface MailServer {
  readonly port: number;
  /** What was delivered, headers and text. */
  readonly mails: string[];
  /** Resolves when so many were delivered. */
  delivered(count: number): Promise<void>;
}

/** A mail server, as far as one message needs: https://www.rfc-editor.org/rfc/rfc5321 and AUTH PLAIN of RFC 4954. */
export async function mailServer(t: TestContext, password: string): Promise<MailServer> {
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

/** Settings that send through it, of a person with a password. */
export function settingsFor(port: number) {
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
