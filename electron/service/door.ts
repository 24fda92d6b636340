import type { Readable } from 'node:stream';
import type { Router } from '@orpc/server';
import type { Contract } from '../../shared/contract/contract.ts';
import type { LiveEvent, UpdateAnswer } from '../../shared/contract/shapes.ts';

/** What a door can do for the service on the desktop that it stands on. */
export interface Desktop {
  readonly door: 'desktop' | 'web';
  /** Shows an address in the system's browser. Only `http:` and `https:`. */
  openUrl(url: string): Promise<void>;
  /** Opens a file with the program that the system has for it. */
  openPath(path: string): Promise<void>;
  /** Starts Strongroom when the person signs in to this computer, or no more. Absent where the door cannot. */
  setStartAtLogin?(on: boolean): Promise<void>;
  /** Looks for a newer Strongroom now. Absent where the door is not put in place by itself. @param url of the feed, `null` for the door's own. */
  lookForUpdates?(url: string | null): Promise<UpdateAnswer>;
  /** Ends Strongroom in good order: `Service.close` follows. */
  quit?(): Promise<void>;
}

/** The answer to a request for `content/<ticket>`, as HTTP has it: 200, 206, 404, 410 or 416. */
export interface ContentAnswer {
  readonly status: number;
  /** Lower-case names. Always among them: `content-type`, `content-security-policy`, `x-content-type-options`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | undefined;
}

/** The engine and all that runs on its own around it, as a door sees it. One a process. */
export interface Service {
  /** Implements the contract; serve it over whatever the door speaks. */
  readonly router: Router<Contract, object>;
  /** Bytes of a version for a ticket of `browse.content`. @param range the request's Range header. */
  content(ticket: string, range: string | undefined, signal: AbortSignal): Promise<ContentAnswer>;
  /** Tells the listener the state at once and whatever follows. Returns how to end it. */
  listen(listener: (event: LiveEvent) => void): () => void;
  /** The computer lost or found its network. Stores that need none go on. */
  setOnline(online: boolean): void;
  /** The computer goes to sleep: nothing new begins. */
  suspend(): void;
  /** It woke up: what was missed is caught up with. */
  wake(): void;
  /** Ends runs at the next safe point, and closes the catalog. */
  close(): Promise<void>;
}
