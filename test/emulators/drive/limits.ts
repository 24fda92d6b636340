import type { EmulatorClock } from './clock.ts';
import { limitError } from './errors.ts';

/** Google's limits as they bind the emulator. Tests set small ones. */
export interface Limits {
  /** https://developers.google.com/workspace/drive/api/guides/manage-revisions */
  pinnedRevisions: number;
  unpinnedRevisions: number;
  unpinnedRevisionDays: number;
  /** https://support.google.com/drive/answer/2375102: the trash is emptied of what lay there 30 days. */
  trashDays: number;
  /** https://developers.google.com/workspace/drive/api/guides/handle-errors: direct children of a folder. */
  children: number;
  /** https://support.google.com/a/users/answer/7338880: items in a shared drive, the trash included. */
  sharedDriveItems: number;
  /** Levels of folders below a root. */
  depth: number;
  /** https://support.google.com/a/answer/172541: bytes a user may upload in 24 hours. */
  dailyUploadBytes: number;
  /** Requests a second a user; the bucket holds {@link burst}. Google names no number; a client sees 2-3 creates a second. */
  requestsPerSecond: number;
  burst: number;
  /** Quota units a minute (https://developers.google.com/workspace/drive/api/guides/limits). */
  unitsPerMinuteOfUser: number;
  unitsPerMinuteOfProject: number;
  /** The most that one page of a list holds: "The service may return fewer than this value." */
  pageItems: number;
}

/** Google's own numbers, except that rates are not limited unless a test asks. */
export function defaultLimits(): Limits {
  return {
    pinnedRevisions: 200,
    unpinnedRevisions: 100,
    unpinnedRevisionDays: 30,
    trashDays: 30,
    children: 500_000,
    sharedDriveItems: 500_000,
    depth: 100,
    dailyUploadBytes: 750e9,
    requestsPerSecond: Infinity,
    burst: 10,
    unitsPerMinuteOfUser: Infinity,
    unitsPerMinuteOfProject: Infinity,
    pageItems: Infinity,
  };
}

/** Google's quota units a minute for projects made since May 2026. */
export const GOOGLE_UNITS_PER_MINUTE = { unitsPerMinuteOfUser: 325_000, unitsPerMinuteOfProject: 1_000_000 } as const;

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Keeps account of what users and the project have used, and refuses what is over. */
export class Meter {
  readonly #clock: EmulatorClock;
  readonly #limits: Limits;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #units = new Map<string, { minute: number; used: number }>();
  readonly #uploads = new Map<string, { at: number; bytes: number }[]>();

  constructor(clock: EmulatorClock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Counts one request; throws 403 `userRateLimitExceeded` or `rateLimitExceeded` when over. */
  request(user: string, units: number): void {
    if (Number.isFinite(this.#limits.requestsPerSecond) && !this.#takeToken(user)) {
      throw limitError('userRateLimitExceeded');
    }
    if (this.#overUnits(`user ${user}`, units, this.#limits.unitsPerMinuteOfUser)) {
      throw limitError('userRateLimitExceeded');
    }
    if (this.#overUnits('project', units, this.#limits.unitsPerMinuteOfProject)) throw limitError('rateLimitExceeded');
  }

  /** Throws when this many more bytes would pass the day's upload limit. */
  checkUpload(user: string, bytes: number): void {
    if (this.uploadedToday(user) + bytes <= this.#limits.dailyUploadBytes) return;
    // Not the documented `dailyLimitExceeded`: the service answers as for a rate, with this other message.
    throw limitError('userRateLimitExceeded', { message: 'User rate limit exceeded.' });
  }

  /** Counts bytes that were stored. */
  countUpload(user: string, bytes: number): void {
    const uploads = this.#uploads.get(user) ?? [];
    uploads.push({ at: this.#clock.now(), bytes });
    this.#uploads.set(user, uploads);
  }

  /** Bytes stored in the last 24 hours. */
  uploadedToday(user: string): number {
    const uploads = this.#uploads.get(user);
    if (uploads === undefined || !Number.isFinite(this.#limits.dailyUploadBytes)) return 0;
    const since = this.#clock.now() - DAY;
    const firstRecent = uploads.findIndex((upload) => upload.at > since);
    uploads.splice(0, firstRecent === -1 ? uploads.length : firstRecent);
    const spent = uploads.reduce((sum, upload) => sum + upload.bytes, 0);
    // One sum instead of many keeps a run of a million small uploads from costing a million additions each.
    if (uploads.length > 1000) {
      const newest = uploads[uploads.length - 1];
      if (newest !== undefined) uploads.splice(0, uploads.length, { at: newest.at, bytes: spent });
    }
    return spent;
  }

  #takeToken(user: string): boolean {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(user) ?? { tokens: this.#limits.burst, at: now };
    const refill = ((now - bucket.at) / 1000) * this.#limits.requestsPerSecond;
    bucket.tokens = Math.min(this.#limits.burst, bucket.tokens + Math.max(0, refill));
    bucket.at = now;
    this.#buckets.set(user, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #overUnits(key: string, units: number, limit: number): boolean {
    if (!Number.isFinite(limit)) return false;
    const minute = Math.floor(this.#clock.now() / MINUTE);
    const known = this.#units.get(key);
    const window = known?.minute === minute ? known : { minute, used: 0 };
    if (window.used + units > limit) return true;
    window.used += units;
    this.#units.set(key, window);
    return false;
  }
}
