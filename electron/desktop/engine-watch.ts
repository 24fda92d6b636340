import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { ResponseValidationPlugin } from '@orpc/contract/plugins';
import { contract, type Contract } from '../../shared/contract/contract.ts';
import type { Settings } from '../../shared/contract/shapes.ts';
import { portForRpc, type Port } from '../hosts/utility/port.ts';
import type { EngineProcess } from './engine-process.ts';
import type { TrayState } from './tray-model.ts';

export interface EngineWatchOptions {
  readonly engine: EngineProcess;
  /** Told whenever something in the state is different. */
  readonly onState: (state: TrayState) => void;
  readonly onSettings: (settings: Settings) => void;
}

type Client = ContractRouterClient<Contract>;

/** What the shell itself knows of the engine, through the same contract as the window. */
export class EngineWatch {
  readonly #options: EngineWatchOptions;
  #state: TrayState;
  #client: Client | undefined;
  #port: Port | undefined;

  constructor(options: EngineWatchOptions) {
    this.#options = options;
    this.#state = { engine: options.engine.state, live: undefined, runs: [], sources: [] };
    options.engine.onState((engine) => {
      this.#leave();
      this.#become({ engine, live: undefined, runs: [] });
      if (engine.kind === 'running') this.#join();
    });
  }

  get state(): TrayState {
    return this.#state;
  }

  /** Every procedure of the contract, or `undefined` while no engine runs. */
  get client(): Client | undefined {
    return this.#client;
  }

  #leave(): void {
    this.#client = undefined;
    this.#port?.close();
    this.#port = undefined;
  }

  #join(): void {
    const port = this.#options.engine.connect();
    if (port === undefined) return;
    const link = new RPCLink({ port: portForRpc(port), plugins: [new ResponseValidationPlugin(contract)] });
    const client: Client = createORPCClient(link);
    port.start();
    this.#port = port;
    this.#client = client;
    const sources = latestOnly(async () => {
      const list = await client.sources.list();
      if (this.#client === client) this.#become({ sources: list });
    });
    const settings = latestOnly(async () => {
      const found = await client.settings.get();
      if (this.#client === client) this.#options.onSettings(found);
    });
    const listen = async (): Promise<void> => {
      for await (const event of await client.app.live()) {
        if (this.#client !== client) return;
        switch (event.type) {
          case 'state':
            this.#become({ live: event });
            break;
          case 'progress':
            this.#become({ runs: event.runs });
            break;
          case 'changed':
            if (event.what.includes('sources') || event.what.includes('runs')) sources();
            if (event.what.includes('settings')) settings();
        }
      }
    };
    settings();
    sources();
    // A stream that breaks is an engine that ended, and that is told by its process.
    listen().catch(() => undefined);
  }

  #become(change: Partial<TrayState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.onState(this.#state);
  }
}

/** Does `work` when called; however often it is called meanwhile, it is done once more afterwards. A failure ends it quietly. */
function latestOnly(work: () => Promise<void>): () => void {
  let asked = 0;
  const go = async (): Promise<void> => {
    for (let done = 0; done < asked;) {
      done = asked;
      await work().catch(() => undefined);
    }
    asked = 0;
  };
  return () => {
    asked += 1;
    if (asked === 1) void go();
  };
}
