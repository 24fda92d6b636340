import { once } from 'node:events';
import { Readable } from 'node:stream';
import { implement } from '@orpc/server';
import type { ContentAnswer, Service } from '../../electron/service/door.ts';
import { contract } from '../../shared/contract/contract.ts';

/** What a window asks first, answered; everything else is not there. */
function smallRouter(received: string[]): Service['router'] {
  const os = implement(contract);
  // The doors pass on whatever router they are given: only what the tests call is implemented.
  const router = {
    app: {
      about: os.app.about.handler(() => ({
        version: '1.2.3',
        door: 'web' as const,
        platform: 'linux' as const,
        computer: 'desk',
        home: '/home',
        catalogBytes: 1,
        secretsKeptIn: 'vault' as const,
      })),
      live: os.app.live.handler(async function* ({ signal }) {
        received.push('live');
        yield { type: 'changed' as const, what: ['files' as const] };
        if (signal !== undefined && !signal.aborted) await once(signal, 'abort');
        received.push('live ended');
      }),
      unlock: os.app.unlock.handler(({ input }) => {
        received.push(`unlock ${input.passphrase.length}`);
        return {};
      }),
    },
  };
  return router as unknown as Service['router'];
}

const contentHeaders = {
  'content-type': 'text/plain; charset=utf-8',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

/** What the small service was asked, and whether what it gave was ended early. */
export interface Asked {
  readonly calls: string[];
  readonly tickets: { readonly ticket: string; readonly range: string | undefined; readonly signal: AbortSignal }[];
  /** The body of `content/endless`, which never ends by itself. */
  endless: Readable | undefined;
}

/** A service with as much as a door needs to show what it does. */
export function smallService(): { service: Pick<Service, 'router' | 'content'>; asked: Asked } {
  const asked: Asked = { calls: [], tickets: [], endless: undefined };
  const content = (ticket: string, range: string | undefined, signal: AbortSignal): Promise<ContentAnswer> => {
    asked.tickets.push({ ticket, range, signal });
    switch (ticket) {
      case 'letter':
        return Promise.resolve(
          range === 'bytes=2-4'
            ? {
                status: 206,
                headers: { ...contentHeaders, 'content-range': 'bytes 2-4/6', 'content-length': '3' },
                body: Readable.from([Buffer.from('tte')]),
              }
            : {
                status: 200,
                headers: { ...contentHeaders, 'accept-ranges': 'bytes', 'content-length': '6' },
                body: Readable.from([Buffer.from('letter')]),
              },
        );
      case 'endless':
        asked.endless = new Readable({
          read() {
            this.push(Buffer.alloc(65_536));
          },
        });
        return Promise.resolve({ status: 200, headers: contentHeaders, body: asked.endless });
      case 'broken':
        return Promise.reject(new Error('a secret of the engine'));
      default:
        return Promise.resolve({ status: 404, headers: contentHeaders, body: undefined });
    }
  };
  return { service: { router: smallRouter(asked.calls), content }, asked };
}
