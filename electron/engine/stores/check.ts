import { createHash } from 'node:crypto';
import type { Place, VersionFacts } from '../../../shared/domain.ts';
import { asStrongroomError, StrongroomError, type ErrorCode } from '../../../shared/errors.ts';
import {
  noResume,
  trialPrefix,
  type Content,
  type CopyAddress,
  type PutContext,
  type PutRequest,
  type Store,
} from './store.ts';

/** One thing that a store must be able to do, and whether it can. */
export interface CheckStep {
  /** In plain words, for a person: "Write a small file". */
  readonly name: string;
  readonly passed: boolean;
  readonly code?: ErrorCode;
  readonly message?: string;
  readonly advice?: string;
}

export interface CheckOptions {
  /** From 0 (inclusive) to 1, as `Math.random`; makes the name of the scratch source. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/**
 * Tries everything that Strongroom asks of a store, on files of a source that no other has the name of, and says of each
 * step whether it works. A failed step ends the check only where the next ones could say nothing.
 *
 * Afterwards, also where it was ended early, nothing of it is there any more, unless the store does not let its user delete
 * anything for good: then its own history keeps a few small files, and shows nothing of them.
 */
export async function* checkStore(store: Store, options: CheckOptions): AsyncGenerator<CheckStep> {
  const check = new Check(store, options);
  try {
    for (const [name, run, decisive] of check.steps()) {
      options.signal.throwIfAborted();
      const step = await outcome(name, run);
      yield step;
      if (decisive && !step.passed) return;
    }
  } finally {
    await check.leaveNothing();
  }
}

/** Milliseconds that a check which was ended early takes for clearing away what it wrote. */
const clearingMs = 20_000;

async function outcome(name: string, run: () => Promise<void>): Promise<CheckStep> {
  try {
    await run();
    return { name, passed: true };
  } catch (error) {
    const { code, message, advice } = asStrongroomError(error);
    return { name, passed: false, code, message, ...(advice === undefined ? {} : { advice }) };
  }
}

type Step = readonly [name: string, run: () => Promise<void>, decisive: boolean];

class Check {
  readonly #store: Store;
  readonly #signal: AbortSignal;
  readonly #source: string;
  readonly #control: string;
  #first: CopyAddress | undefined;
  #second: CopyAddress | undefined;
  #copied: CopyAddress | undefined;
  #wrote = false;

  constructor(store: Store, options: CheckOptions) {
    this.#store = store;
    this.#signal = options.signal;
    const suffix = Array.from({ length: 12 }, () => Math.floor(options.random() * 36).toString(36)).join('');
    this.#source = `${trialPrefix}${suffix}`;
    this.#control = `check/${suffix}`;
  }

  steps(): Step[] {
    const copies = this.#store.capabilities.copiesWithin;
    return [
      ['Reach the store, and see that it keeps earlier versions', () => this.#store.ready(this.#signal), true],
      ['Write a small file', () => this.#write(), true],
      ['Read it back and compare', () => this.#expect(this.#first, firstText), false],
      ['Replace it, and still read the earlier version', () => this.#replace(), false],
      ...(copies ? [['Copy a file from one place in the store to another', () => this.#copy(), false] as const] : []),
      ['Delete it, and still read what was deleted', () => this.#retire(), false],
      ['Find all of these files again in the list of what the store holds', () => this.#list(), false],
      ['Keep Strongroom’s own notes there', () => this.#controlFile(), false],
      ['Let only one computer write at a time', () => this.#conditions(), false],
      ['Clear all of it away again', () => this.#cleanUp(), false],
    ];
  }

  async #write(): Promise<void> {
    this.#wrote = true;
    this.#first = await this.#put('file.txt', firstText, 1, undefined);
  }

  async #replace(): Promise<void> {
    this.#second = await this.#put('file.txt', secondText, 2, this.#first?.locator);
    await this.#expect(this.#second, secondText);
    await this.#expect(this.#first, firstText);
  }

  async #copy(): Promise<void> {
    if (this.#first === undefined) return;
    const place = this.#place('copy.txt');
    const placed = await this.#store.copyWithin(this.#first, request(place, firstText, 1, undefined), this.#context());
    if (placed === undefined) throw unlike('it did not copy a file that it holds');
    this.#copied = { place, locator: placed.locator };
    await this.#expect(this.#copied, firstText);
  }

  async #retire(): Promise<void> {
    const last = this.#second ?? this.#first;
    await this.#store.retire(this.#place('file.txt'), last?.locator, this.#signal);
    await this.#expect(this.#first, firstText);
    if (this.#second !== undefined) await this.#expect(this.#second, secondText);
  }

  async #list(): Promise<void> {
    const copies = [this.#first, this.#second, this.#copied].filter((copy) => copy !== undefined);
    let held = 0;
    for await (const listed of this.#store.list(this.#source, this.#signal)) {
      if (listed.deletion) continue;
      held += 1;
      const facts = await this.#store.describe(listed, this.#source, this.#signal);
      if (![firstText, secondText].some((text) => digestOf(text) === facts.sha256)) {
        throw unlike(`it lists ${listed.path} as something that was not written`);
      }
    }
    if (held !== copies.length) throw unlike(`it lists ${held} copies, and ${copies.length} were written`);
    if (!(await this.#store.sources(this.#signal)).includes(this.#source)) {
      throw unlike('it does not name the source of what was written');
    }
  }

  async #controlFile(): Promise<void> {
    const write = (text: string) =>
      this.#store.writeControl(this.#control, encoder.encode(text), { kind: 'any' }, this.#signal);
    const expect = async (text: string | undefined) => {
      const file = await this.#store.readControl(this.#control, this.#signal);
      const read = file === undefined ? undefined : new TextDecoder().decode(file.bytes);
      if (read !== text) throw unlike('it gave back another control file than was written');
    };
    await write(firstText);
    await expect(firstText);
    await write(secondText);
    await expect(secondText);
    const names = await this.#store.listControl(this.#control, this.#signal);
    if (names.length !== 1 || names[0] !== this.#control) throw unlike('it does not list a control file');
    await this.#store.removeControl(this.#control, this.#signal);
    await expect(undefined);
  }

  async #conditions(): Promise<void> {
    if (!this.#store.capabilities.conditionalWrites) {
      throw new StrongroomError(
        'store-unsupported',
        'The store does not decide by itself which of two workstations may write.',
        { advice: 'Let only one workstation use this store.' },
      );
    }
    const write = (text: string, condition: Parameters<Store['writeControl']>[2]) =>
      this.#store.writeControl(this.#control, encoder.encode(text), condition, this.#signal);
    const refused = async (attempt: Promise<string>) => {
      const { code } = await outcome('', async () => {
        await attempt;
      });
      if (code !== 'copy-conflict') throw unlike('it let a second workstation overwrite what the first had written');
    };
    const tag = await write(firstText, { kind: 'absent' });
    await refused(write(secondText, { kind: 'absent' }));
    await write(secondText, { kind: 'tag', tag });
    await refused(write(firstText, { kind: 'tag', tag }));
  }

  async #cleanUp(): Promise<void> {
    for (const copy of [this.#second ?? this.#first, this.#copied]) {
      if (copy !== undefined) await this.#store.retire(copy.place, copy.locator, this.#signal);
    }
    await this.#store.removeControl(this.#control, this.#signal);
    for await (const listed of this.#store.list(this.#source, this.#signal)) {
      if (listed.current) throw unlike(`it still shows ${listed.path}, which was deleted`);
    }
    await this.#store.discardTrial(this.#source, this.#signal);
    this.#wrote = false;
  }

  /** Clears away what a check that was ended early, or whose last step failed, has written; as far as that goes. */
  async leaveNothing(): Promise<void> {
    if (!this.#wrote) return;
    const signal = AbortSignal.timeout(clearingMs);
    await this.#store.removeControl(this.#control, signal).catch(() => undefined);
    await this.#store.discardTrial(this.#source, signal).catch(() => undefined);
  }

  async #put(path: string, text: string, number: number, replaces: string | undefined): Promise<CopyAddress> {
    const place = this.#place(path);
    const bytes = encoder.encode(text);
    const content: Content = { bytes: (start, end) => Promise.resolve(bytes.subarray(start, end)) };
    const { locator } = await this.#store.put(request(place, text, number, replaces), content, this.#context());
    return { place, locator };
  }

  async #expect(copy: CopyAddress | undefined, text: string): Promise<void> {
    if (copy === undefined) return;
    const hash = createHash('sha256');
    for await (const piece of await this.#store.get(copy, {}, this.#signal)) hash.update(piece);
    if (hash.digest('hex') !== digestOf(text)) throw unlike(`it gave back other bytes of ${copy.place.path}`);
  }

  #place(path: string): Place {
    return { source: this.#source, path };
  }

  #context(): PutContext {
    return { signal: this.#signal, onBytes: () => undefined, resume: noResume };
  }
}

const encoder = new TextEncoder();
const firstText = 'Strongroom wrote this to see that the store works.\n';
const secondText = 'Strongroom replaced it to see that the store keeps what was there.\n';

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function request(place: Place, text: string, number: number, replaces: string | undefined): PutRequest {
  const bytes = encoder.encode(text);
  const version: VersionFacts = { sha256: digestOf(text), size: bytes.length, mtimeNs: 0n, mode: 0o644 };
  return { place, version, number, replaces, mayExist: false, move: false };
}

function unlike(words: string): StrongroomError {
  return new StrongroomError('store-answer', `The store does not do what it must: ${words}.`, {
    advice: 'Do not trust this store with copies. Ask its administrator about the failed step.',
  });
}
