import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const rect = z.object({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() });

const remembered = z.object({
  /** The window's place when it is not maximised. */
  bounds: rect.optional().catch(undefined),
  maximized: z.boolean().catch(false),
  /** Whether the person was told that closing the window does not end Strongroom. */
  toldOfTray: z.boolean().catch(false),
  /** What the person was notified of, by id: `null` while it needs them, and since it was settled the instant of that. */
  notified: z.record(z.string(), z.number().nullable()).catch({}),
});
export type Remembered = z.infer<typeof remembered>;

/** What the shell keeps from one start to the next. None of it matters to what is protected: if it is lost, nothing is. */
export class Memory {
  readonly #file: string;
  #value: Remembered;

  /** @param file a JSON file, made when something is first kept. A damaged one counts as none. */
  constructor(file: string) {
    this.#file = file;
    this.#value = remembered.safeParse(contentOf(file)).data ?? remembered.parse({});
  }

  get value(): Remembered {
    return this.#value;
  }

  /** Keeps what changed. A disk that refuses is not worth a word: the window merely opens elsewhere next time. */
  keep(change: Partial<Remembered>): void {
    this.#value = { ...this.#value, ...change };
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(`${this.#file}.new`, JSON.stringify(this.#value));
      renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // What was kept holds until the app ends.
    }
  }
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
