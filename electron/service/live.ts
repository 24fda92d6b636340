import type { LiveEvent } from '../../shared/contract/shapes.ts';

type Changed = Extract<LiveEvent, { type: 'changed' }>;
export type What = Changed['what'][number];
export type State = Extract<LiveEvent, { type: 'state' }>;
export type Progress = Extract<LiveEvent, { type: 'progress' }>;

/** How long changes are gathered, in milliseconds, so that a run that changes much makes no storm of questions. */
const gatherMs = 250;

/** What the doors are told without asking. A listener that throws is its own affair: the others are told all the same. */
export class Live {
  readonly #state: () => State;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  readonly #changed = new Set<What>();
  /** Whose files have changed; `undefined`: perhaps those of all. */
  #filesOf: Set<string> | undefined = new Set();
  #lastState = '';
  #gathering: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param state what is told first to everyone, and again whenever it differs. */
  constructor(state: () => State) {
    this.#state = state;
  }

  /** Whether anybody would hear. */
  get heard(): boolean {
    return this.#listeners.size > 0;
  }

  listen(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#tell(listener, this.#state());
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Something is to be asked for again. */
  changed(...what: readonly What[]): void {
    if (what.includes('files')) this.#filesOf = undefined;
    this.#gather(what);
  }

  /** The same, where it is known that files of one source alone have changed. */
  filesChanged(source: string, ...what: readonly What[]): void {
    this.#filesOf?.add(source);
    this.#gather(['files', ...what]);
  }

  #gather(what: readonly What[]): void {
    if (this.#closed) return;
    for (const one of what) this.#changed.add(one);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      const gathered = [...this.#changed];
      const filesOf = this.#changed.has('files') && this.#filesOf !== undefined ? { filesOf: [...this.#filesOf] } : {};
      this.#changed.clear();
      this.#filesOf = new Set();
      this.#emit({ type: 'changed', what: gathered, ...filesOf });
    }, gatherMs);
    this.#gathering.unref();
  }

  progress(event: Progress): void {
    this.#emit(event);
  }

  /** The state may have changed. @returns the state. */
  stateChanged(): State {
    const state = this.#state();
    const text = JSON.stringify(state);
    if (text !== this.#lastState) {
      this.#lastState = text;
      this.#emit(state);
    }
    return state;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#gathering);
    this.#listeners.clear();
  }

  #emit(event: LiveEvent): void {
    for (const listener of this.#listeners) this.#tell(listener, event);
  }

  #tell(listener: (event: LiveEvent) => void, event: LiveEvent): void {
    try {
      listener(event);
    } catch {
      this.#listeners.delete(listener);
    }
  }
}
