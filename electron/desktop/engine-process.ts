import type { Problem, UpdateAnswer } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import { fromEngine, type DesktopAsk, type ToEngine } from '../hosts/utility/messages.ts';
import type { Port } from '../hosts/utility/port.ts';
import type { Timers } from '../service/timers.ts';
import type { Child, System } from './system.ts';

export type EngineState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  /** It ended by itself and is started again shortly. */
  | { readonly kind: 'waiting' }
  /** It cannot work until a person decides something. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'stopped' };

export interface EngineProcessOptions {
  readonly fork: () => Child;
  readonly channel: System['channel'];
  readonly clock: Clock;
  readonly timers: Timers;
  /** Does on the desktop what the service asks for; gives back what came of looking for updates. */
  readonly onAsk: (ask: DesktopAsk) => Promise<UpdateAnswer | undefined>;
}

export const firstDelayMs = 500;
export const longestDelayMs = 30_000;
/** After running so long, the next end counts as the first one again. */
export const steadyMs = 60_000;
/** How long the engine may take to end its runs at a safe point. It loses nothing by being killed then; it only copies again. */
export const graceMs = 10_000;

/** Keeps the engine's process running: starts it, starts it again with growing delays when it ends, and ends it in good order. */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #listeners = new Set<(state: EngineState) => void>();
  #state: EngineState = { kind: 'stopped' };
  #child: Child | undefined;
  #refusal: Problem | undefined;
  #failures = 0;
  #readyAt: Instant | undefined;
  #callOff: () => void = () => undefined;
  #online = true;
  #stopping: Promise<void> | undefined;
  #ended: () => void = () => undefined;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
  }

  get state(): EngineState {
    return this.#state;
  }

  onState(listener: (state: EngineState) => void): void {
    this.#listeners.add(listener);
  }

  /** Starts the process, unless it runs or is being ended for good. */
  start(): void {
    if (this.#child !== undefined || this.#stopping !== undefined) return;
    this.#callOff();
    this.#refusal = undefined;
    this.#readyAt = undefined;
    const child = this.#options.fork();
    this.#child = child;
    child.on('message', (message) => {
      if (this.#child === child) this.#heard(message);
    });
    child.on('exit', () => {
      if (this.#child === child) this.#gone();
    });
    this.#become({ kind: 'starting' });
    if (!this.#online) this.tell({ kind: 'online', online: false });
  }

  /** A port that the contract is served over, or `undefined` while no engine runs. */
  connect(): Port | undefined {
    return this.#open({ kind: 'serve' });
  }

  /** A port that the bytes of a ticket come over, as `sendContent` sends them; `undefined` while no engine runs. */
  content(ticket: string, range: string | undefined): Port | undefined {
    return this.#open({ kind: 'content', ticket, range: range ?? null });
  }

  setOnline(online: boolean): void {
    if (this.#online === online) return;
    this.#online = online;
    this.tell({ kind: 'online', online });
  }

  tell(message: ToEngine): void {
    this.#child?.postMessage(message);
  }

  /** Ends the engine at the next safe point; kills it if that takes longer than {@link graceMs}. */
  stop(): Promise<void> {
    this.#stopping ??= new Promise((resolve) => {
      const { clock, timers } = this.#options;
      this.#callOff();
      const child = this.#child;
      if (child === undefined) {
        this.#become({ kind: 'stopped' });
        resolve();
        return;
      }
      const callOff = timers.at(clock.now() + graceMs, () => child.kill());
      this.#ended = () => {
        callOff();
        resolve();
      };
      this.tell({ kind: 'close' });
    });
    return this.#stopping;
  }

  #open(message: ToEngine): Port | undefined {
    if (this.#child === undefined) return undefined;
    const { port1, port2 } = this.#options.channel();
    this.#child.postMessage(message, [port2]);
    return port1;
  }

  #heard(raw: unknown): void {
    const message = fromEngine.safeParse(raw);
    if (!message.success) return;
    switch (message.data.kind) {
      case 'ready':
        this.#readyAt = this.#options.clock.now();
        this.#become({ kind: 'running' });
        return;
      case 'refused':
        this.#refusal = message.data.problem;
        return;
      case 'ask': {
        const { id, ask } = message.data;
        this.#options.onAsk(ask).then(
          (update) => this.tell({ kind: 'answer', id, failed: null, ...(update === undefined ? {} : { update }) }),
          (error: unknown) =>
            this.tell({ kind: 'answer', id, failed: error instanceof Error ? error.message : String(error) }),
        );
      }
    }
  }

  #gone(): void {
    const { clock, timers } = this.#options;
    this.#child = undefined;
    if (this.#stopping !== undefined) {
      this.#become({ kind: 'stopped' });
      this.#ended();
      return;
    }
    if (this.#refusal !== undefined) {
      this.#become({ kind: 'refused', problem: this.#refusal });
      return;
    }
    if (this.#readyAt !== undefined && clock.now() - this.#readyAt >= steadyMs) this.#failures = 0;
    const delay = Math.min(firstDelayMs * 2 ** this.#failures, longestDelayMs);
    this.#failures += 1;
    this.#callOff = timers.at(clock.now() + delay, () => this.start());
    this.#become({ kind: 'waiting' });
  }

  #become(state: EngineState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
