import type { VersionFacts } from '../../../../shared/domain.ts';
import type { PutRequest } from '../store.ts';

const nanoseconds = 1_000_000_000n;

/** The user metadata of a version's object. `rclone copy` gives a file back with its time from `mtime`. */
export function metadataOf(request: PutRequest): Record<string, string> {
  const { sha256, mtimeNs, mode } = request.version;
  return {
    sha256,
    mtime: formatMtime(mtimeNs),
    mode: mode.toString(8).padStart(4, '0'),
    number: String(request.number),
  };
}

/** What an object's metadata say that it is; `undefined` where they were not written by Strongroom. */
export function factsOf(metadata: (name: string) => string | undefined): Omit<VersionFacts, 'size'> | undefined {
  const sha256 = metadata('sha256');
  const mtimeNs = parseMtime(metadata('mtime'));
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256) || mtimeNs === undefined) return undefined;
  const mode = metadata('mode') ?? '';
  return { sha256, mtimeNs, mode: /^[0-7]{1,7}$/.test(mode) ? Number.parseInt(mode, 8) & 0o7777 : 0o644 };
}

/** Whether an object's metadata and size say that it is this version. */
export function sameVersion(
  version: VersionFacts,
  size: number,
  metadata: (name: string) => string | undefined,
): boolean {
  const facts = factsOf(metadata);
  return (
    facts?.sha256 === version.sha256 &&
    facts.mtimeNs === version.mtimeNs &&
    facts.mode === version.mode &&
    size === version.size
  );
}

/** Seconds with as many decimals as needed, as rclone writes it. https://rclone.org/s3/#modification-times */
export function formatMtime(mtimeNs: bigint): string {
  if (mtimeNs < 0n) return `-${formatMtime(-mtimeNs)}`;
  const decimals = (mtimeNs % nanoseconds).toString().padStart(9, '0').replace(/0+$/, '');
  const seconds = (mtimeNs / nanoseconds).toString();
  return decimals === '' ? seconds : `${seconds}.${decimals}`;
}

/** Nanoseconds since 1970 of a time as rclone writes it. */
export function parseMtime(text: string | undefined): bigint | undefined {
  const [, sign, seconds, decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text ?? '') ?? [];
  if (seconds === undefined) return undefined;
  const value = BigInt(seconds) * nanoseconds + BigInt(decimals.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -value : value;
}
