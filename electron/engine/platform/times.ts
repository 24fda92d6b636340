const microsecond = 1000n;
/** A double of seconds around this century is 238 ns from the next one. */
const step = 250n;

/**
 * What to hand to `utimes` for a modification time in nanoseconds.
 *
 * Node takes times as a double of seconds only, so the last three digits of the nanoseconds cannot be set. The value
 * is chosen so that the file's time is the same when both are cut to microseconds (see {@link sameTime}). It is text
 * because Node takes a negative number (before 1970) for "now".
 */
export function fileTime(mtimeNs: bigint): string {
  const exact = seconds(mtimeNs);
  if (microseconds(asSet(exact)) === microseconds(mtimeNs)) return String(exact);
  const inside = microseconds(mtimeNs) * microsecond;
  for (let offset = step; offset < microsecond; offset += step) {
    const near = seconds(inside + offset);
    if (microseconds(asSet(near)) === microseconds(mtimeNs)) return String(near);
  }
  return String(exact);
}

/** Whether two modification times are one as far as Node can set them: to the microsecond. */
export function sameTime(left: bigint, right: bigint): boolean {
  return microseconds(left) === microseconds(right);
}

/** Nanoseconds cut down (towards the past) to microseconds. */
function microseconds(ns: bigint): bigint {
  const cut = ns / microsecond;
  return ns < 0n && ns % microsecond !== 0n ? cut - 1n : cut;
}

function seconds(ns: bigint): number {
  return Number(ns) / 1e9;
}

/** The nanoseconds that a file system is told for a double of seconds, as libuv (`uv__fs_to_timespec`) computes them. */
function asSet(value: number): bigint {
  const whole = Math.trunc(value);
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.trunc((value - whole) * 1e9));
}
