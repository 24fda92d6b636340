import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { joinPath, nameFromBytes } from '../../../shared/names.ts';
import { Rules } from '../../engine/scan/rules.ts';
import { sourcePath } from '../../engine/scan/source-path.ts';
import type { Counted, Counts, LeftOutReason, PreviewOrder } from './preview.ts';

/*
 * Counts what the rules would take in, as the walk of a run would meet it. On a thread of its own: synchronous calls are
 * several times as fast, and a slow share holds up nobody.
 */
const { root, rules: wanted } = workerData as PreviewOrder;
const port = parentPort;
if (port === null) throw new Error('preview.worker.ts runs as a worker');
const rules = new Rules(wanted);
/** Without the usual litter: what these leave out, a person's own rule does. */
const ownRules = new Rules({ ...wanted, defaults: false });
const firstAfterMs = 60;
const everyMs = 200;
const mostExamples = 8;
const mostExamplesOfAKind = 4;
const mostLargest = 5;

const counts: { -readonly [Name in keyof Counts]: Counts[Name] } = { files: 0, bytes: 0, folders: 0, leftOut: 0 };
const examplesLeftOut: string[] = [];
const leftOutBy = new Map<LeftOutReason, { amount: number; examples: string[] }>();
let largest: { path: string; size: number }[] = [];
let tellAt = performance.now() + firstAfterMs;

const waiting = [''];
for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
  const below: string[] = [];
  for (const { name, isFolder, isOther } of entries(folder)) {
    const child = joinPath(folder, name);
    if (isOther || rules.excludes(child, isFolder)) {
      const why = isOther ? 'link' : ownRules.excludes(child, isFolder) ? 'rule' : 'litter';
      leaveOut(isFolder ? `${child}/` : child, why);
    } else if (isFolder) {
      counts.folders += 1;
      below.push(child);
    } else take(child);
    if (performance.now() > tellAt) tell(false);
  }
  waiting.push(...below.reverse());
}
tell(true);

function take(path: string): void {
  const stat = fs.lstatSync(sourcePath(root, path), { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return;
  counts.files += 1;
  counts.bytes += stat.size;
  const least = largest.at(-1);
  if (largest.length >= mostLargest && (least === undefined || stat.size <= least.size)) return;
  largest = [...largest, { path, size: stat.size }].sort((left, right) => right.size - left.size).slice(0, mostLargest);
}

function leaveOut(path: string, why: LeftOutReason): void {
  counts.leftOut += 1;
  const others = leftOutBy.get(why) ?? { amount: 0, examples: [] };
  leftOutBy.set(why, others);
  others.amount += 1;
  if (others.examples.length < mostExamplesOfAKind) others.examples.push(path);
  if (examplesLeftOut.length < mostExamples) examplesLeftOut.push(path);
}

function entries(folder: string): { name: string; isFolder: boolean; isOther: boolean }[] {
  try {
    return fs.readdirSync(sourcePath(root, folder), { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
      name: nameFromBytes(entry.name),
      isFolder: entry.isDirectory(),
      isOther: !entry.isDirectory() && !entry.isFile(),
    }));
  } catch {
    // A folder that may not be read: the run will say so, with its name.
    return [];
  }
}

function tell(done: boolean): void {
  tellAt = performance.now() + everyMs;
  const by = [...leftOutBy].map(([why, { amount, examples }]) => ({ why, amount, examples }));
  port?.postMessage({ ...counts, examplesLeftOut, leftOutBy: by, largest, done } satisfies Counted);
}
