import assert from 'node:assert/strict';
import fs from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import type { Engine } from '../../electron/engine/engine.ts';
import { chooseSeed } from '../contract/support.ts';
import { DriveBench } from '../drive/bench.ts';
import { startDriveLab, type DriveLab } from '../drive/lab.ts';
import type { Fault } from '../emulators/drive/faults.ts';
import { catalogTree, Changes, type Instant } from '../engine/histories.ts';
import {
  assertSameTree,
  filesOf,
  hour,
  minute,
  readTree,
  restoreSource,
  sha256Of,
  type Bench,
  type Tree,
} from '../engine/kit.ts';
import { assertTalliesRight } from '../engine/tallies.ts';
import { driveFaults } from './drive-faults.ts';
import { seededRandom } from './random.ts';

/**
 * Random lives of a source whose copies lie in Drive: what the source held at each run is the model, and Drive, the
 * catalog, and a catalog rebuilt from Drive agree with it however often the program was killed, whatever Google answered,
 * and whatever people did in Drive's page meanwhile.
 */

// What each run's threads load is compiled once, which is half of what a sequence costs.
enableCompileCache(path.join(tmpdir(), 'strongroom-tests-compiled'));

const wanted = process.env['STRONGROOM_TEST_SEQUENCES'];
/** A thousand take minutes, most of it the starting of threads for each run: without a number, what fits in the time. */
const timeMs = wanted === undefined ? 45_000 : Infinity;
const sequences = Number(wanted ?? 1000);
const atOnce = 3;
/** Sequences a Drive sees: searches of the emulator cost more the more it holds. */
const sequencesADrive = 20;

/** What a run saw, and how far it can be relied on. */
interface Seen extends Instant {
  /** `done`: recorded and copied; `recorded`: not everything is in Drive; `killed`: not everything is recorded either. */
  readonly how: 'done' | 'recorded' | 'killed';
}

class Sequence {
  readonly #lab: DriveLab;
  readonly #drive: DriveBench;
  readonly #random: () => number;
  readonly #changes: Changes;
  readonly #seen: Seen[] = [];
  /** People's own files, and what they uploaded over Strongroom's. */
  readonly #own = new Map<string, string>();
  readonly #edits: { readonly id: string; readonly content: string }[] = [];
  readonly steps: string[] = [];

  constructor(lab: DriveLab, drive: DriveBench, random: () => number) {
    this.#lab = lab;
    this.#drive = drive;
    this.#random = random;
    this.#changes = new Changes(drive.bench, random);
  }

  get #bench(): Bench {
    return this.#drive.bench;
  }

  async run(t: TestContext): Promise<void> {
    for (let count = 4 + Math.floor(this.#random() * 5); count > 0; count -= 1) await this.#step();
    await this.#settle();
    this.#assertHistory(this.#bench.engine, 'the catalog');
    this.#assertDrive();
    await assertTalliesRight(this.#bench);
    this.#drive.stores.add(this.#bench.engine);
    await this.#assertRestores();
    const rebuilt = await this.#drive.rebuilt(t, this.#bench.clock);
    this.#assertHistory(rebuilt, 'rebuilt from Drive', 'done');
    await this.#assertListed(t);
  }

  async #step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.45) this.#change();
    else if (dice < 0.7) await this.#sync();
    else if (dice < 0.8) await this.#syncAndKill();
    else if (dice < 0.87) await this.#assertRestores();
    else this.#person();
  }

  #change(): void {
    const count = 1 + Math.floor(this.#random() * 4);
    this.steps.push(`${count} changes`);
    for (let index = 0; index < count; index += 1) this.#changes.change();
  }

  async #sync(): Promise<void> {
    const { emulator } = this.#lab;
    if (this.#random() < 0.5) this.#bench.clock.advance(hour / 2);
    const under: Fault[] = [];
    while (this.#random() < 0.5) under.push(this.#changes.pick(driveFaults));
    for (const fault of under) emulator.faults.add({ fault, skip: Math.floor(this.#random() * 12) });
    // Now and then Drive is away for the rest of the run.
    if (this.#random() < 0.15) {
      const fault = { kind: 'refuse', status: 503 } as const;
      emulator.faults.add({ fault, skip: Math.floor(this.#random() * 25), times: Infinity });
      under.push(fault);
    }
    const { outcome, codes } = await this.#bench.sync({ rehash: this.#random() < 0.1 });
    emulator.faults.clear();
    this.steps.push(`sync under ${under.map(({ kind }) => kind).join(', ')}: ${outcome} ${codes.join(' ')}`);
    assert.ok(outcome === 'done' || outcome === 'incomplete', outcome);
    this.#saw(outcome === 'done' ? 'done' : 'recorded');
    if (this.#random() < 0.2) await this.#drive.reopen();
  }

  #saw(how: Seen['how']): void {
    this.#seen.push({ at: this.#bench.clock.now(), tree: readTree(this.#bench.root), how });
  }

  /**
   * The process is gone at the moment at which one of its requests reaches Google: the home is as it is then, and nothing
   * that was not asked for by then is asked for any more. That request is carried out or not, and never answered.
   */
  async #syncAndKill(): Promise<void> {
    const { home } = this.#bench;
    const moment = `${home} at the kill`;
    let left = 1 + Math.floor(this.#random() * 40);
    const isDone = this.#random() < 0.5;
    const dying = new AbortController();
    const when = (): boolean => {
      left -= 1;
      if (left === 0) {
        fs.cpSync(home, moment, { recursive: true });
        dying.abort();
      }
      return left <= 0;
    };
    const { emulator } = this.#lab;
    const last: Fault = isDone ? { kind: 'loseResponse' } : { kind: 'cutRequest', afterBytes: 0 };
    // The first rule strikes the request of the moment alone, the second all after it.
    emulator.faults.add({ fault: last, when, times: 1 });
    emulator.faults.add({ fault: { kind: 'refuse', status: 400 }, when: () => left < 0, times: Infinity });
    const { outcome } = await this.#bench.sync({ signal: dying.signal });
    emulator.faults.clear();
    const wasKilled = dying.signal.aborted;
    this.steps.push(wasKilled ? 'sync, killed' : 'sync, not killed');
    this.#saw(wasKilled ? 'killed' : outcome === 'done' ? 'done' : 'recorded');
    if (wasKilled) await this.#drive.killed(moment);
  }

  /** Something that a person does in Drive's own page. */
  #person(): void {
    const { state } = this.#lab.emulator;
    const held = this.#ownFiles().filter(({ tree }) => tree === 'files');
    if (held.length === 0) return;
    const { id, parent, path, content } = this.#changes.pick(held);
    const dice = this.#random();
    const what = (name: string): void => void this.steps.push(`a person: ${name} ${path}`);
    if (dice < 0.15) {
      what('renames');
      state.rename(id, 'renamed by hand');
    } else if (dice < 0.3) {
      what('moves');
      state.move(id, this.#top);
    } else if (dice < 0.4) {
      what('trashes');
      state.trash(id);
    } else if (dice < 0.55) {
      what('uploads over');
      const edit = `by hand ${this.#edits.length}`;
      state.editContent(id, edit);
      this.#edits.push({ id, content: edit });
    } else if (dice < 0.65) {
      what('trashes or renames the folder of');
      if (this.#random() < 0.5) state.trash(parent);
      else state.rename(parent, 'renamed by hand');
    } else {
      what('adds something beside');
      const name = this.#random() < 0.5 ? state.item(id).name : 'a/b';
      if (dice < 0.9)
        this.#own.set(state.createFile(name, `people's own ${content}`, { parent }), `people's own ${content}`);
      else if (dice < 0.95) this.#own.set(state.createNativeDocument(name, 'minutes', { parent }), '');
      else this.#own.set(state.createShortcut(name, id, { parent }), '');
    }
  }

  /** The top of My Drive, or of the shared drive. */
  get #top(): string {
    const { folder } = this.#drive.stores.spec;
    return folder === 'root' ? this.#lab.emulator.state.rootId : folder;
  }

  /** Strongroom's files below the store's folder, as Drive shows them. */
  #ownFiles(): { id: string; parent: string; path: string; tree: string; content: string }[] {
    const { state } = this.#lab.emulator;
    const { path: at } = this.#drive.stores.spec;
    const store = state.tree(this.#top).find(({ path }) => path === at)?.item.id;
    if (store === undefined) return [];
    return state.tree(store).flatMap(({ path, item }) => {
      const isOurs = [...item.appProperties.values()].some((own) => own['id'] === item.id && 'sha256' in own);
      if (!isOurs) return [];
      const [tree = '', , ...names] = path.split('/');
      const id = item.id;
      return [{ id, parent: item.parent ?? '', path: names.join('/'), tree, content: state.content(id).toString() }];
    });
  }

  /** Nothing goes wrong any more: one run, and everything is done; one more asks for nothing. */
  async #settle(): Promise<void> {
    this.#bench.clock.advance(hour / 2);
    if (this.#bench.events().includes('changes-missed')) await this.#verify();
    await this.#bench.syncDone();
    this.steps.push('last sync');
    this.#saw('done');
    const { requests } = this.#lab.emulator;
    const before = requests.count();
    this.#bench.clock.advance(minute);
    await this.#bench.syncDone();
    this.#saw('done');
    assert.equal(requests.count(), before, 'a run without changes asks nothing');
  }

  /** As the program advises where it could not follow what people did. */
  async #verify(): Promise<void> {
    const { engine, source } = this.#bench;
    const { signal } = new AbortController();
    await engine.verify(source, this.#bench.store('drive'), { deep: false, signal, onProgress: () => undefined });
    this.steps.push('verify');
  }

  /** Of what was not wholly recorded, each file is as it was at that run or as it was at the one before. */
  #assertHistory(engine: Engine, what: string, only?: Seen['how']): void {
    let before: Tree = new Map();
    for (const { at, tree, how } of this.#seen) {
      const actual = catalogTree(engine, at);
      if (how === 'killed') {
        for (const path of new Set([...filesOf(actual).keys(), ...filesOf(before).keys(), ...filesOf(tree).keys()])) {
          const states = [before.get(path), tree.get(path)].map((entry) => JSON.stringify(entry, bigints));
          const is = JSON.stringify(actual.get(path), bigints);
          if (only === undefined) assert.ok(states.includes(is), `${what}, killed at ${at}: ${path} is ${is}`);
        }
      } else if (only === undefined || how === only) {
        assertSameTree(actual, tree, `${what}, as of ${at}`);
      }
      before = actual;
    }
  }

  /** Drive shows the source's files, each where it belongs and with its content, and all that is people's is as it was. */
  #assertDrive(): void {
    const { state } = this.#lab.emulator;
    const now = this.#ownFiles().filter(({ tree }) => tree === 'files');
    const expected = [...filesOf(readTree(this.#bench.root))].map(([path, { sha256 }]) => `${path} ${sha256 ?? ''}`);
    assert.deepEqual(now.map(({ path, content }) => `${path} ${sha256Of(content)}`).sort(), expected.sort(), 'Drive');
    for (const [id, content] of this.#own) {
      assert.ok(state.has(id) && state.item(id).trashedAt === undefined, "people's own is gone");
      if (content !== '') assert.equal(state.content(id).toString(), content);
    }
    this.#lab.emulator.clock.advance({ days: 60 });
    for (const { id, content } of this.#edits) {
      const kept = state.revisions(id).map((revision) => revision.content.bytes().toString());
      assert.ok(kept.includes(content), `what a person uploaded (${content}) is among ${kept.join(', ')}`);
    }
  }

  async #assertRestores(): Promise<void> {
    const done = this.#seen.filter(({ how }) => how === 'done');
    if (done.length === 0) return;
    const { at, tree } = this.#changes.pick(done);
    this.steps.push('restore');
    const restored = await this.#bench.restore({ at, from: 'drive' });
    assert.deepEqual(restored.result.failed, []);
    assertSameTree(restored.tree, tree, `restored as of ${at}`);
  }

  /** Without journals: the latest files, and every content that was copied. */
  async #assertListed(t: TestContext): Promise<void> {
    const listed = await this.#drive.rebuilt(t, this.#bench.clock, true);
    const source = listed.catalog.sources.get('source');
    const at = Number.MAX_SAFE_INTEGER;
    const { browse } = listed.catalog;
    const own = new Set(this.#own.keys());
    const held = new Set<string>();
    for (const { tree } of this.#seen) {
      for (const path of filesOf(tree).keys()) {
        for (const { sha256 } of browse.versions(browse.fileId(source.id, path) ?? -1))
          held.add(`${path} ${sha256 ?? ''}`);
      }
    }
    for (const { tree, how } of this.#seen) {
      if (how !== 'done') continue;
      for (const [path, { sha256 }] of filesOf(tree))
        assert.ok(held.has(`${path} ${sha256 ?? ''}`), `${path} is not listed`);
    }
    // What nobody but Drive has any more, because the program was killed before it was recorded, counts as kept.
    const catalog = this.#bench.engine.catalog;
    for (const { kind, path } of catalog.events.latest(1000)) {
      if (kind !== 'copy-lost-before-replication' || path === null) continue;
      for (const { sha256, copies } of catalog.browse.versions(
        catalog.browse.fileId(this.#bench.source.id, path) ?? -1,
      )) {
        const isLost = sha256 !== null && copies.every(({ state }) => state === 'missing');
        assert.ok(!isLost || !held.has(`${path} ${sha256}`), `${path} counts as lost, and Drive has it`);
      }
    }
    if (own.size > 0) return;
    const now = await restoreSource(listed, source, this.#bench.folder, { at });
    assertSameTree(filesOf(now.tree), filesOf(readTree(this.#bench.root)), 'listed');
  }
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

test('1,000 random lives leave Drive, the catalog and the model in agreement, and nothing of people is lost', async (t) => {
  const seed = chooseSeed();
  console.log(`Google Drive below the catalog, random: STRONGROOM_TEST_SEED=${seed}`);
  const endAt = performance.now() + timeMs;
  let next = 0;
  const lane = async (): Promise<void> => {
    let lab: DriveLab | undefined;
    try {
      for (let mine = 0; next < sequences && performance.now() < endAt; mine += 1) {
        const number = next;
        next += 1;
        if (mine % sequencesADrive === 0) {
          await lab?.close();
          lab = await startDriveLab(mine % (2 * sequencesADrive) === 0 ? 'my-drive' : 'shared-drive');
        }
        assert.ok(lab !== undefined);
        const here = lab;
        await t.test(`STRONGROOM_TEST_SEED=${seed + number} STRONGROOM_TEST_SEQUENCES=1`, async (part) => {
          const drive = await DriveBench.create(part, here, {
            files: { 'always.txt': 'there' },
            drive: { pinnedRevisions: 4 },
            path: `Strongroom/${number}`,
          });
          const sequence = new Sequence(here, drive, seededRandom(seed + number));
          try {
            await sequence.run(part);
          } catch (error) {
            console.error(`sequence of seed ${seed + number}: ${sequence.steps.join('; ')}`);
            throw error;
          }
        });
      }
    } finally {
      await lab?.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, sequences) }, lane));
  console.log(`${next} sequences`);
  assert.ok(next >= Math.min(sequences, 10), `only ${next} sequences in the time`);
});
