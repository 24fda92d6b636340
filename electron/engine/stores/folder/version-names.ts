import type { Instant, VersionFacts } from '../../../../shared/domain.ts';
import { baseName } from '../../../../shared/names.ts';

/**
 * The names under which a folder store keeps what was superseded. They are the locators of its copies, and they are
 * made so that a person who opens the history folder sees which state of the file each one is:
 *
 *     v0003 2026-11-20T101500Z 1a2b3c4d5e6f7a8b.tif     version 3, its modification time, the start of its SHA-256
 *     found 2026-12-01T080000Z 99aa88bb77cc66dd.tif     what lay there although Strongroom had not put it there
 *     deleted 2026-12-02T090000Z                        only a locator: nothing is written for a deletion
 */
const time = '(\\d{4}-\\d\\d-\\d\\dT\\d{6}Z|undated)';
const copyName = new RegExp(`^(v\\d{4,}|found) ${time} ([0-9a-f]{16})(?:-\\d+)?(?:\\.[A-Za-z0-9_]{1,15})?$`);
const harmlessExtension = /\.[A-Za-z0-9_]{1,15}$/;

export interface CopyName {
  /** Whether it names a version that Strongroom put there; otherwise something that it found. */
  readonly version: boolean;
  /** Label of the version's modification time, or of when it was found; see {@link timeLabel}. */
  readonly time: string;
  /** The first 16 hexadecimal digits of the SHA-256. */
  readonly digest: string;
}

/** The parts of a locator; `undefined` for what is none (a deletion's, or anything that is not a single safe name). */
export function parseCopyName(locator: string): CopyName | undefined {
  const match = copyName.exec(locator);
  if (match === null) return undefined;
  return { version: match[1] !== 'found', time: match[2] ?? '', digest: match[3] ?? '' };
}

/** @param again 1, or more where the name before is taken by other content. */
export function versionName(
  number: number,
  version: Pick<VersionFacts, 'mtimeNs' | 'sha256'>,
  path: string,
  again = 1,
): string {
  const label = `v${String(number).padStart(4, '0')} ${timeLabel(version.mtimeNs)}`;
  return finish(label, version.sha256, path, again);
}

/** The name for something that lay at a path without Strongroom knowing it. As {@link versionName}. */
export function foundName(now: Instant, sha256: string, path: string, again = 1): string {
  return finish(`found ${timeLabel(BigInt(Math.trunc(now)) * 1_000_000n)}`, sha256, path, again);
}

export function deletionName(now: Instant): string {
  return `deleted ${timeLabel(BigInt(Math.trunc(now)) * 1_000_000n)}`;
}

/** A time, in nanoseconds since 1970, as UTC to the second and without the colons that Windows refuses. */
export function timeLabel(ns: bigint): string {
  const date = new Date(Number((ns - (((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000n));
  if (Number.isNaN(date.getTime())) return 'undated';
  const text = date.toISOString();
  return text.length === 24 ? `${text.slice(0, 19).replaceAll(':', '')}Z` : 'undated';
}

function finish(label: string, sha256: string, path: string, again: number): string {
  const name = baseName(path);
  const extension = name.lastIndexOf('.') > 0 ? (harmlessExtension.exec(name)?.[0] ?? '') : '';
  return `${label} ${sha256.slice(0, 16)}${again === 1 ? '' : `-${again}`}${extension}`;
}
