import { quantile, typical, type Measured } from './measure.ts';

/** A number held against a target of the project. */
export interface Verdict {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly limit: { readonly atMost: number } | { readonly below: number } | { readonly atLeast: number };
}

type Unit = 'times' | 'milliseconds' | 'bytes' | 'percent';

/** How long many small questions took, in milliseconds each. */
export interface Latencies {
  readonly name: string;
  readonly milliseconds: readonly number[];
}

/** One line of the benchmark: what was done, what it took whom, and whether that is good enough. */
export interface Row {
  readonly what: string;
  readonly measured?: readonly Measured[];
  readonly latencies?: readonly Latencies[];
  readonly verdicts?: readonly Verdict[];
  readonly notes?: readonly string[];
}

/** How many times as long one took as another, by the middle of their real times. */
export function ratio(measured: readonly Measured[], one: number, other: number): number {
  return typical(measured[one]!.runs).wall / typical(measured[other]!.runs).wall;
}

export function isReached({ value, limit }: Verdict): boolean {
  if ('atMost' in limit) return value <= limit.atMost;
  if ('below' in limit) return value < limit.below;
  return value >= limit.atLeast;
}

/** The row as lines of text. */
export function tellRow(row: Row): string[] {
  const lines = [row.what];
  const width = Math.max(0, ...[...(row.measured ?? []), ...(row.latencies ?? [])].map(({ name }) => name.length));
  const ours = row.measured?.[0];
  for (const { name, runs } of row.measured ?? []) {
    const { wall, cpu, peak } = typical(runs);
    const walls = runs.map((run) => run.wall);
    const cells = [seconds(wall), `CPU ${seconds(cpu)}`, `peak ${megabytes(peak)}`];
    if (ours !== undefined && ours.name !== name)
      cells.push(`ours / this ${(typical(ours.runs).wall / wall).toFixed(3)}`);
    if (runs.length > 1)
      cells.push(`(${runs.length} runs, ${seconds(Math.min(...walls))} to ${seconds(Math.max(...walls))})`);
    lines.push(`  ${name.padEnd(width)}  ${cells.join('  ')}`);
  }
  for (const { name, milliseconds } of row.latencies ?? []) {
    const shares = [0.5, 0.95, 1].map((share) => quantile(milliseconds, share).toFixed(2));
    lines.push(
      `  ${name.padEnd(width)}  median ${shares[0]} ms, 95 % ${shares[1]} ms, worst ${shares[2]} ms (${milliseconds.length})`,
    );
  }
  for (const verdict of row.verdicts ?? []) {
    lines.push(
      `  ${isReached(verdict) ? 'reached' : 'MISSED '}  ${verdict.what}: ${inUnit(verdict.value, verdict.unit)} (${tellLimit(verdict)})`,
    );
  }
  return [...lines, ...(row.notes ?? []).map((note) => `  note: ${note}`)];
}

function tellLimit({ limit, unit }: Verdict): string {
  if ('atMost' in limit) return `target: at most ${inUnit(limit.atMost, unit)}`;
  if ('below' in limit) return `target: below ${inUnit(limit.below, unit)}`;
  return `target: at least ${inUnit(limit.atLeast, unit)}`;
}

function inUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'times':
      return `${value.toFixed(2)} ×`;
    case 'milliseconds':
      return `${value.toFixed(1)} ms`;
    case 'bytes':
      return value === 0 ? '0 bytes' : megabytes(value);
    case 'percent':
      return `${value.toFixed(2)} %`;
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

/** Decimal megabytes, as the project's targets are. */
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`;
}

/** The row for the file of figures: everything that was measured, and the verdicts spelled out. */
export function rowAsJson(row: Row): object {
  return {
    ...row,
    measured: row.measured?.map(({ name, runs }) => ({ name, typical: typical(runs), runs })),
    verdicts: row.verdicts?.map((verdict) => ({ ...verdict, reached: isReached(verdict) })),
  };
}
