import { RPCHandler } from '@orpc/server/message-port';
import type { Problem } from '../../../shared/contract/shapes.ts';
import { asStrongroomError, StrongroomError } from '../../../shared/errors.ts';
import type { Desktop, Service } from '../../service/door.ts';
import { sendContent } from './content.ts';
import { toEngine, type DesktopAsk, type FromEngine, type ToEngine } from './messages.ts';
import { portForRpc, type ParentLine, type Port } from './port.ts';

export interface ServeOptions {
  readonly line: ParentLine;
  /** Opens the service on the desktop that the shell is. */
  readonly open: (desktop: Desktop) => Promise<Service>;
  /** Ends this process; called once, when everything is closed or nothing could be opened. */
  readonly end: () => void;
}

type Answer = Extract<ToEngine, { kind: 'answer' }>;

/**
 * The engine's process: opens the service, serves the contract over each port that the shell sends, and tells the service
 * what the computer does. Whatever comes before the service is open waits for it.
 */
export function serve({ line, open, end }: ServeOptions): void {
  const asked = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  const say = (message: FromEngine): void => line.postMessage(message);
  const ask = (what: DesktopAsk): Promise<Answer> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      asked.set(lastId, { resolve, reject });
      say({ kind: 'ask', id: lastId, ask: what });
    });
  const desktop: Desktop = {
    door: 'desktop',
    openUrl: async (url) => {
      await ask({ do: 'open-url', url });
    },
    openPath: async (path) => {
      await ask({ do: 'open-path', path });
    },
    setStartAtLogin: async (on) => {
      await ask({ do: 'start-at-login', on });
    },
    lookForUpdates: async (url) => (await ask({ do: 'look-for-updates', url })).update ?? { found: 'no-answer' },
    quit: async () => {
      await ask({ do: 'quit' });
    },
  };

  const opening = open(desktop);
  let handling: RPCHandler<object> | undefined;

  const act = (service: Service, message: Exclude<ToEngine, { kind: 'answer' }>, port: Port | undefined): void => {
    switch (message.kind) {
      case 'serve':
        handling ??= new RPCHandler(service.router);
        if (port === undefined) return;
        handling.upgrade(portForRpc(port), { context: {} });
        port.start();
        return;
      case 'content':
        if (port !== undefined) {
          sendContent(port, (signal) => service.content(message.ticket, message.range ?? undefined, signal));
        }
        return;
      case 'online':
        service.setOnline(message.online);
        return;
      case 'suspend':
        service.suspend();
        return;
      case 'wake':
        service.wake();
        return;
      case 'close':
        void service.close().finally(end);
    }
  };

  line.on('message', ({ data, ports }) => {
    const parsed = toEngine.safeParse(data);
    if (!parsed.success) return;
    const message = parsed.data;
    if (message.kind === 'answer') {
      const waiting = asked.get(message.id);
      asked.delete(message.id);
      if (message.failed === null) waiting?.resolve(message);
      else waiting?.reject(new StrongroomError('internal', message.failed));
      return;
    }
    opening.then(
      (service) => act(service, message, ports[0]),
      // Said below, once.
      () => undefined,
    );
  });

  opening.then(
    () => say({ kind: 'ready' }),
    (error: unknown) => {
      say({ kind: 'refused', problem: problemOf(error) });
      end();
    },
  );
}

function problemOf(error: unknown): Problem {
  const { code, message, subject, advice } = asStrongroomError(error);
  return { code, message, subject: subject ?? null, advice: advice ?? null };
}
