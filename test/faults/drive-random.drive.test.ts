import assert from 'node:assert/strict';
import { it } from 'node:test';
import { codeOf, isTransient } from '../../shared/errors.ts';
import { retrying } from '../../electron/engine/stores/decorators/retrying.ts';
import type { DriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import { requireLocator } from '../../electron/engine/stores/drive/locator.ts';
import type { Store } from '../../electron/engine/stores/store.ts';
import {
  assertSameBytes,
  chooseSeed,
  contentOf,
  contextWith,
  factsOf,
  getBytes,
  listAll,
  MemorySlot,
  randomBytes,
  requestFor,
  signal,
} from '../contract/support.ts';
import { startDriveLab, type DriveLab } from '../drive/lab.ts';
import { driveFaults } from './drive-faults.ts';
import { seededRandom } from './random.ts';

/** What the model knows of one version of one path. */
interface Kept {
  readonly locator: string;
  readonly bytes: Buffer;
}

/** One path: all that was ever stored there, and what is there now. */
interface Path {
  readonly all: Kept[];
  current: Kept | undefined;
  /** What the catalog would give as `replaces`. */
  last: string | undefined;
  number: number;
}

const names = ['a', 'b', 'folder/a', 'folder/b', 'folder/deep/c', "it's", 'ä/ö'];

/** A store's life against a model of it: the two agree after every sequence, whatever went wrong on the way. */
class Sequence {
  readonly #lab: DriveLab;
  readonly #source: string;
  readonly #random: () => number;
  readonly #model = new Map<string, Path>();
  /** What people put there, which nobody may touch. */
  readonly #people: { readonly id: string; readonly bytes: Buffer }[] = [];
  #adapter: DriveStore | undefined;
  #store: Store | undefined;
  #time = 1_700_000_000_000_000_000n;
  readonly steps: string[] = [];

  constructor(lab: DriveLab, source: string, random: () => number) {
    this.#lab = lab;
    this.#source = source;
    this.#random = random;
  }

  async run(): Promise<void> {
    await this.#restart();
    const count = 4 + Math.floor(this.#random() * 8);
    for (let step = 0; step < count; step += 1) await this.#step();
    this.#lab.emulator.faults.clear();
    await this.#compare();
    await this.#adapter?.close();
  }

  async #step(): Promise<void> {
    const dice = this.#random();
    if (this.#random() < 0.3) {
      const fault = this.#pick(driveFaults);
      this.steps.push(`fault ${fault.kind}`);
      this.#lab.emulator.faults.add({ fault, skip: Math.floor(this.#random() * 3) });
    }
    if (dice < 0.5) await this.#edit();
    else if (dice < 0.62) await this.#move();
    else if (dice < 0.76) await this.#retire();
    else if (dice < 0.86) await this.#restore();
    else if (dice < 0.93) await this.#restart();
    else this.#person();
  }

  async #edit(): Promise<void> {
    const path = this.#pick(names);
    const entry = this.#entry(path);
    const bytes = randomBytes(Math.floor(this.#random() * 300), this.#random);
    this.steps.push(`put ${path} (${bytes.length})`);
    const kept = await this.#put(path, entry, bytes, this.#tick());
    entry.all.push(kept);
    [entry.current, entry.last] = [kept, kept.locator];
  }

  async #put(path: string, entry: Path, bytes: Buffer, mtimeNs: bigint): Promise<Kept> {
    entry.number += 1;
    const place = { source: this.#source, path };
    const version = factsOf(bytes, mtimeNs);
    const resume = new MemorySlot();
    const options = { number: entry.number, replaces: entry.last };
    const { locator } = await this.#surely((mayExist) =>
      this.#open().put(requestFor(place, version, { ...options, mayExist }), contentOf(bytes), contextWith({ resume })),
    );
    return { locator, bytes };
  }

  async #move(): Promise<void> {
    const from = this.#pick(names);
    const to = this.#pick(names);
    const old = this.#model.get(from);
    if (from === to || old?.current === undefined) return;
    const entry = this.#entry(to);
    const { current } = old;
    this.steps.push(`move ${from} to ${to}`);
    entry.number += 1;
    const place = { source: this.#source, path: to };
    const version = factsOf(current.bytes, this.#times.get(current.locator) ?? 0n);
    const options = { number: entry.number, replaces: entry.last, move: true };
    const address = { place: { source: this.#source, path: from }, locator: current.locator };
    const placed = await this.#surely(async (mayExist) => {
      const request = requestFor(place, version, { ...options, mayExist });
      return (
        (await this.#open().copyWithin(address, request, contextWith())) ??
        (await this.#open().put(request, contentOf(current.bytes), contextWith()))
      );
    });
    this.#times.set(placed.locator, version.mtimeNs);
    const kept = { locator: placed.locator, bytes: current.bytes };
    entry.all.push(kept);
    [entry.current, entry.last] = [kept, kept.locator];
    await this.#retirePath(from, old);
  }

  async #retire(): Promise<void> {
    const path = this.#pick(names);
    const entry = this.#entry(path);
    this.steps.push(`delete ${path}`);
    await this.#retirePath(path, entry);
  }

  async #retirePath(path: string, entry: Path): Promise<void> {
    entry.number += 1;
    const place = { source: this.#source, path };
    const { locator } = await this.#surely(() => this.#open().retire(place, entry.last, signal));
    [entry.current, entry.last] = [undefined, locator];
  }

  async #restore(): Promise<void> {
    const copies = [...this.#model].flatMap(([path, { all }]) => all.map((kept) => ({ path, kept })));
    if (copies.length === 0) return;
    const { path, kept } = this.#pick(copies);
    this.steps.push(`restore ${path}`);
    const address = { place: { source: this.#source, path }, locator: kept.locator };
    assertSameBytes(await this.#surely(() => getBytes(this.#open(), address)), kept.bytes, path);
  }

  /** The process is killed and begins again: all that it remembered is gone. */
  async #restart(): Promise<void> {
    this.steps.push('restart');
    await this.#adapter?.close();
    this.#adapter = await this.#lab.open({ pinnedRevisions: 4, sleep: () => Promise.resolve() });
    this.#store = retrying(this.#adapter, { sleep: () => Promise.resolve(), random: this.#random, attempts: 3 });
  }

  #person(): void {
    const { state } = this.#lab.emulator;
    const held = [...this.#model.values()].filter((entry) => entry.current !== undefined);
    if (held.length === 0) return;
    const { fileId } = requireLocator(this.#pick(held).current?.locator ?? '');
    const dice = this.#random();
    const folder = state.item(fileId).parent;
    if (dice < 0.25) state.rename(fileId, 'renamed by hand');
    else if (dice < 0.45) state.trash(fileId);
    else if (dice < 0.6) state.move(fileId, state.rootId);
    else if (folder !== undefined && folder !== state.rootId) {
      const bytes = Buffer.from(`people's own ${this.#people.length}`);
      const name = dice < 0.8 ? state.item(fileId).name : 'a/b';
      this.#people.push({ id: state.createFile(name, bytes, { parent: folder }), bytes });
    }
    this.steps.push(`a person at ${fileId}`);
  }

  /** Everything that was ever stored is readable, what is current is listed as current, and people's own is untouched. */
  async #compare(): Promise<void> {
    for (const [path, { all }] of this.#model) {
      for (const { locator, bytes } of all) {
        const copy = { place: { source: this.#source, path }, locator };
        assertSameBytes(await getBytes(this.#open(), copy), bytes, path);
      }
    }
    // What people moved about is put right where it is written next: each current file is written once more.
    for (const [path, entry] of this.#model) {
      if (entry.current === undefined) continue;
      const bytes = Buffer.from(`last of ${path}`);
      const kept = await this.#put(path, entry, bytes, this.#tick());
      entry.all.push(kept);
      [entry.current, entry.last] = [kept, kept.locator];
    }
    const listed = await listAll(this.#open(), this.#source);
    const people = new Set(this.#people.map(({ id }) => id));
    const own = listed.filter((copy) => !people.has((copy.locator ?? '').split(' ')[0] ?? ''));
    const shown = own.filter((copy) => copy.current).map(({ path, locator }) => `${path} ${locator ?? ''}`);
    const expected = [...this.#model].flatMap(([path, { current }]) =>
      current === undefined ? [] : [`${path} ${current.locator}`],
    );
    assert.deepEqual(shown.sort(), expected.sort(), 'what is current');
    const copies = own.filter((copy) => !copy.deletion).map(({ path, locator }) => `${path} ${locator ?? ''}`);
    const all = [...this.#model].flatMap(([path, entry]) => entry.all.map(({ locator }) => `${path} ${locator}`));
    assert.deepEqual(copies.sort(), all.sort(), 'all copies');
    for (const { id, bytes } of this.#people) {
      const { state } = this.#lab.emulator;
      assertSameBytes(state.content(id), bytes, "people's own file");
      assert.equal(state.item(id).trashedAt, undefined);
    }
  }

  readonly #times = new Map<string, bigint>();

  #tick(): bigint {
    this.#time += 1_000_000_001n;
    return this.#time;
  }

  #entry(path: string): Path {
    let entry = this.#model.get(path);
    if (entry === undefined) {
      this.#model.set(path, (entry = { all: [], current: undefined, last: undefined, number: 0 }));
    }
    return entry;
  }

  /** As the engine does: again after a failure that may pass, even in a new process. */
  async #surely<T>(call: (mayExist: boolean) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call(attempt > 1);
      } catch (error) {
        if (!isTransient(error) || attempt > 6) throw error;
        this.steps.push(`failed: ${codeOf(error)}`);
        if (this.#random() < 0.5) await this.#restart();
      }
    }
  }

  #open(): Store {
    if (this.#store === undefined) throw new Error('not begun');
    return this.#store;
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

it('agrees with a model after 1,000 random sequences of edits, moves, deletions, kills, faults and people', async () => {
  const seed = chooseSeed();
  console.log(`Google Drive, random: STRONGROOM_TEST_SEED=${seed}`);
  const sequences = Number(process.env['STRONGROOM_TEST_SEQUENCES'] ?? 1000);
  const endAt = performance.now() + 55_000;
  let lab = await startDriveLab();
  let done = 0;
  try {
    for (; done < sequences && performance.now() < endAt; done += 1) {
      // A fresh Drive now and then: searches of the emulator cost more the more it holds.
      if (done % 50 === 49) {
        await lab.close();
        lab = await startDriveLab(done % 100 === 49 ? 'shared-drive' : 'my-drive');
      }
      const sequence = new Sequence(lab, `source ${done}`, seededRandom(seed + done));
      try {
        await sequence.run();
      } catch (error) {
        console.error(
          `sequence ${done} of seed ${seed} (STRONGROOM_TEST_SEED=${seed + done}): ${sequence.steps.join('; ')}`,
        );
        throw error;
      }
    }
  } finally {
    await lab.close();
  }
  console.log(`${done} sequences`);
  assert.ok(done >= Math.min(sequences, 200), `only ${done} sequences in the time`);
});
