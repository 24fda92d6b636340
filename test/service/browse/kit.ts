import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { createORPCClient, isDefinedError } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { ResponseValidationPlugin } from '@orpc/contract/plugins';
import { RPCHandler } from '@orpc/server/message-port';
import { makeBrowsing, type Browsing } from '../../../electron/service/browse/router.ts';
import type { BrowseContext } from '../../../electron/service/browse/context.ts';
import type { ContentAnswer } from '../../../electron/service/door.ts';
import { Figures } from '../../../electron/service/figures.ts';
import { Tickets } from '../../../electron/service/tickets.ts';
import { contract, type Contract } from '../../../shared/contract/contract.ts';
import type { Problem } from '../../../shared/contract/shapes.ts';
import { atEnd, Bench, type BenchOptions } from '../../engine/kit.ts';

export type Client = ContractRouterClient<Contract>;

/** The reading half of the service over a workstation of the engine's tests, asked as the window asks it. */
export class Desk {
  readonly bench: Bench;
  readonly tickets: Tickets;
  readonly browsing: Browsing;
  readonly client: Client;
  /** Files that the desktop was asked to open. */
  readonly opened: string[] = [];
  /** Whether the desktop has a program for what it is asked to open. */
  canOpen = true;
  /** Sources that the keeper cares for, as far as it was told. */
  readonly tended: string[] = [];
  readonly changed: string[] = [];
  readonly ending = new AbortController();

  private constructor(t: TestContext, bench: Bench) {
    this.bench = bench;
    this.tickets = new Tickets(bench.clock);
    const context: BrowseContext = {
      engine: bench.engine,
      tickets: this.tickets,
      desktop: {
        door: 'web',
        openUrl: () => Promise.resolve(),
        openPath: (path) => {
          if (!this.canOpen) return Promise.reject(new Error('No application is registered.'));
          this.opened.push(path);
          return Promise.resolve();
        },
      },
      clock: bench.clock,
      home: bench.home,
      signal: this.ending.signal,
      changed: (...what) => this.changed.push(...what),
      figures: new Figures(bench.engine.catalog.settings, bench.clock),
      keeper: {
        tend: (name) => this.tended.push(name),
        forget: () => undefined,
        whileQuiet: async (_, work) => work(),
      },
    };
    this.browsing = makeBrowsing(context);
    const ports = new MessageChannel();
    new RPCHandler(this.browsing.procedures).upgrade(ports.port1);
    ports.port1.start();
    ports.port2.start();
    this.client = createORPCClient(
      new RPCLink({ port: ports.port2, plugins: [new ResponseValidationPlugin(contract)] }),
    );
    atEnd(t, async () => {
      this.ending.abort();
      await this.browsing.close();
      ports.port1.close();
      ports.port2.close();
    });
  }

  static async create(t: TestContext, options: BenchOptions = {}): Promise<Desk> {
    return new Desk(t, await Bench.create(t, options));
  }

  /** Fetches the address of a ticket, as a door would. */
  async fetch(url: string, range?: string, signal = new AbortController().signal): Promise<Fetched> {
    const answer = await this.answer(url, range, signal);
    return { ...answer, bytes: answer.body === undefined ? Buffer.alloc(0) : await buffer(answer.body) };
  }

  answer(url: string, range?: string, signal = new AbortController().signal): Promise<ContentAnswer> {
    return this.tickets.answer(url.replace(/^content\//, ''), range, signal);
  }

  /** The bytes of a version through a ticket. */
  async show(path: string, version: number, range?: string): Promise<Fetched> {
    const ticket = await this.client.browse.content({ source: 'source', path, version });
    return this.fetch(ticket.url, range);
  }
}

export interface Fetched extends ContentAnswer {
  readonly bytes: Buffer;
}

/** What the window is told when something fails. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && isDefinedError(error)) return (error as unknown as { data: Problem }).data;
    throw error;
  }
  return assert.fail('it did not fail');
}

export async function all<Thing>(things: AsyncIterable<Thing>): Promise<Thing[]> {
  const gathered: Thing[] = [];
  for await (const thing of things) gathered.push(thing);
  return gathered;
}
