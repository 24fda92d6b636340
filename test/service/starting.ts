import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { ResponseValidationPlugin } from '@orpc/contract/plugins';
import { RPCHandler } from '@orpc/server/message-port';
import type { Service } from '../../electron/service/door.ts';
import { startService } from '../../electron/service/start/start.ts';
import { contract } from '../../shared/contract/contract.ts';
import type { LiveEvent, StoppedStart } from '../../shared/contract/shapes.ts';
import type { Clock } from '../../shared/domain.ts';
import { atEnd } from '../engine/kit.ts';
import { inTime, type Client, type House } from './kit.ts';

type State = Extract<LiveEvent, { type: 'state' }>;

/** Strongroom as a door starts it, and a window that has listened since. */
export class Starting {
  readonly service: Service;
  readonly client: Client;
  readonly states: State[] = [];
  readonly changed: string[] = [];
  #heard = (): void => undefined;
  readonly #ports = new MessageChannel();

  private constructor(service: Service) {
    this.service = service;
    new RPCHandler(service.router).upgrade(this.#ports.port1);
    this.#ports.port1.start();
    this.#ports.port2.start();
    this.client = createORPCClient(
      new RPCLink({ port: this.#ports.port2, plugins: [new ResponseValidationPlugin(contract)] }),
    );
  }

  /** @param how it differs from the house: `passphrase` of the vault, empty where the environment gives none. */
  static async in(
    t: TestContext,
    house: House,
    how: { readonly quit?: () => void; readonly clock?: Clock; readonly passphrase?: string } = {},
  ): Promise<Starting> {
    const service = await startService({
      home: house.home,
      clock: how.clock ?? house.time,
      timers: house.time,
      environment: {
        STRONGROOM_SECRETS: 'vault',
        STRONGROOM_VAULT_PASSPHRASE: how.passphrase ?? 'correct horse battery',
      },
      desktop: {
        ...house.desktop,
        quit: () => {
          how.quit?.();
          return Promise.resolve();
        },
      },
    });
    const starting = new Starting(service);
    atEnd(t, () => starting.close());
    void starting.#listen().catch(() => undefined);
    await starting.until('the first state', (state) => state);
    return starting;
  }

  async close(): Promise<void> {
    await this.service.close();
    this.#ports.port1.close();
    this.#ports.port2.close();
  }

  async #listen(): Promise<void> {
    for await (const event of await this.client.app.live()) {
      if (event.type === 'state') this.states.push(event);
      if (event.type === 'changed') this.changed.push(...event.what);
      this.#heard();
    }
  }

  /** Waits for a state of which `look` makes something. */
  async until<T>(what: string, look: (state: State) => T | undefined | false): Promise<T> {
    for (;;) {
      const latest = this.states.at(-1);
      const found = latest === undefined ? undefined : look(latest);
      if (found !== undefined && found !== false) return found;
      await inTime<undefined>(what, (resolve) => {
        this.#heard = () => resolve(undefined);
      });
    }
  }

  /** Waits until all checkpoints were looked into. */
  examined(): Promise<StoppedStart> {
    return this.until('the checkpoints to be examined', ({ stopped }) =>
      stopped?.checkpoints.every(({ whole }) => whole !== null) === true ? stopped : undefined,
    );
  }
}

export function damage(file: string): void {
  const bytes = fs.readFileSync(file);
  bytes.fill(0x5a, Math.floor(bytes.length / 3), Math.floor(bytes.length / 3) + 20_000);
  fs.writeFileSync(file, bytes);
}

export function catalogOf(house: House): string {
  return path.join(house.home, 'catalog.db');
}
