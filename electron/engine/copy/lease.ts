import { hostname } from 'node:os';
import type { Clock } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { leaseFile, type LeaseFile } from '../../../shared/journal.ts';
import { leaseName } from '../journal/journal-file.ts';
import type { Store } from '../stores/store.ts';

/** How long a lease holds without being renewed: a killed workstation blocks another for at most this long. */
const leaseMs = 10 * 60_000;

/**
 * The right of one workstation to write one source in one store, for the length of a run. It lies in the store
 * itself, so workstations that know nothing of each other respect it.
 */
export class Lease {
  readonly #store: Store;
  readonly #source: string;
  readonly #workstation: string;
  readonly #clock: Clock;
  #tag: string;
  #taken: number;
  #renewing: Promise<void> | undefined;

  private constructor(store: Store, source: string, workstation: string, clock: Clock, tag: string) {
    this.#store = store;
    this.#source = source;
    this.#workstation = workstation;
    this.#clock = clock;
    this.#tag = tag;
    this.#taken = clock.now();
  }

  /** Error: `store-leased`, naming the computer that has it and until when. */
  static async take(
    store: Store,
    source: string,
    workstation: string,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<Lease> {
    const name = leaseName(source);
    const file = await store.readControl(name, signal);
    const holder = file && parse(file.bytes);
    if (holder !== undefined && holder.workstation !== workstation && !holder.released && holder.until > clock.now())
      throw leased(source, holder);
    const mine = write(workstation, clock, false);
    try {
      const tag = await store.writeControl(
        name,
        mine,
        file === undefined ? { kind: 'absent' } : { kind: 'tag', tag: file.tag },
        signal,
      );
      if (!store.capabilities.conditionalWrites) await confirm(store, source, name, workstation, signal);
      return new Lease(store, source, workstation, clock, tag);
    } catch (error) {
      if (!(error instanceof StrongroomError) || error.code !== 'copy-conflict') throw error;
      const winner = await store.readControl(name, signal);
      throw leased(source, winner && parse(winner.bytes), error);
    }
  }

  /** Prolongs it where a third of its time is over. Error: `store-leased` where another workstation took it. */
  async renew(signal: AbortSignal): Promise<void> {
    if (this.#clock.now() - this.#taken < leaseMs / 3) return;
    // Many copies ask at once; one of them does it.
    this.#renewing ??= this.#write(false, signal).finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  /** Gives it back. */
  async release(signal: AbortSignal): Promise<void> {
    await this.#write(true, signal);
  }

  async #write(released: boolean, signal: AbortSignal): Promise<void> {
    const at = this.#clock.now();
    try {
      const bytes = write(this.#workstation, this.#clock, released);
      this.#tag = await this.#store.writeControl(
        leaseName(this.#source),
        bytes,
        { kind: 'tag', tag: this.#tag },
        signal,
      );
      this.#taken = at;
    } catch (error) {
      if (error instanceof StrongroomError && error.code === 'copy-conflict')
        throw leased(this.#source, undefined, error);
      throw error;
    }
  }
}

/** Where the store ignores conditions, reading back is the best there is: the last writer has it. */
async function confirm(
  store: Store,
  source: string,
  name: string,
  workstation: string,
  signal: AbortSignal,
): Promise<void> {
  const now = await store.readControl(name, signal);
  const holder = now && parse(now.bytes);
  if (holder?.workstation !== workstation) throw leased(source, holder);
}

function write(workstation: string, clock: Clock, released: boolean): Uint8Array {
  const now = clock.now();
  const lease: LeaseFile = {
    strongroom: 'lease',
    workstation,
    host: hostname(),
    taken: now,
    until: now + leaseMs,
    released,
  };
  return new TextEncoder().encode(`${JSON.stringify(lease)}\n`);
}

/** A lease that cannot be read binds nobody: it is replaced. */
function parse(bytes: Uint8Array): LeaseFile | undefined {
  try {
    return leaseFile.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

function leased(source: string, holder: LeaseFile | undefined, cause?: unknown): StrongroomError {
  const who = holder === undefined ? 'Another workstation' : `The workstation "${holder.host}"`;
  const until = holder === undefined ? '' : ` until ${new Date(holder.until).toISOString()} at the latest`;
  return new StrongroomError('store-leased', `${who} is writing the source "${source}" in this store${until}.`, {
    cause,
    subject: source,
    advice: 'Wait until it is done, then run again. One workstation at a time writes a source.',
  });
}
