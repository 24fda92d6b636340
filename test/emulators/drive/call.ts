import type { Content } from './content.ts';
import type { Selection } from './fields.ts';
import type { Caller } from './model.ts';
import type { Meter } from './limits.ts';
import type { Pages } from './pages.ts';
import type { Store } from './store.ts';

export type JsonObject = Record<string, unknown>;

/** What every handler works on. */
export interface Core {
  readonly store: Store;
  readonly meter: Meter;
  readonly pages: Pages;
}

/** One request that was let in: routed, authorized and checked. */
export interface Call extends Core {
  readonly caller: Caller;
  /** Variables of the path (`fileId`, …). */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  /** What of the answer is wanted; the method's default when the request did not say. */
  readonly selection: Selection;
  /** The header of that name, if sent. */
  readonly range: string | undefined;
}

/** Bytes that came with a create or an update. */
export interface Upload {
  readonly content: Content;
  readonly mimeType: string;
}

/** What a handler gives back: JSON, bytes, or nothing (204). */
export type Answer =
  | { readonly kind: 'json'; readonly value: JsonObject }
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'bytes';
      readonly status: 200 | 206;
      readonly content: Content;
      readonly start: number;
      readonly end: number;
      readonly mimeType: string;
    };

/** A flag parameter; absent is false. */
export function flag(call: Call, name: string): boolean {
  return call.query.get(name) === 'true';
}

/** `supportsAllDrives`, by its present or its older name. */
export function supportsAllDrives(call: Call): boolean {
  return flag(call, 'supportsAllDrives') || flag(call, 'supportsTeamDrives');
}

/** A page size: the default when absent, the ceiling when above. */
export function pageSize(call: Call, absent: number, ceiling: number): number {
  const given = call.query.get('pageSize');
  const wanted = given === null ? absent : Math.min(Number(given), ceiling);
  return Math.max(1, Math.min(wanted, call.store.limits.pageItems));
}

/** A variable of the path. */
export function pathValue(call: Call, name: string): string {
  return call.path[name] ?? '';
}
