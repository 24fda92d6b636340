import process from 'node:process';
import type { SourceRecord } from '../../engine/catalog/sources.ts';
import { Pause } from '../../engine/copy/pause.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Context } from './context.ts';
import { describeRun } from './describe.ts';
import { exitCodes } from './exit.ts';
import type { Output } from './output.ts';
import { RunDisplay } from './progress.ts';

type RunOutput = Output<'runs'>['runs'][number];

/** Runs one source with progress shown; `p` on a terminal pauses and goes on. @returns the run as it is printed. */
export async function runSource(
  context: Context,
  engine: Engine,
  source: SourceRecord,
  options: { readonly rehash: boolean; readonly acceptChanges: boolean },
): Promise<RunOutput> {
  const display = new RunDisplay();
  const pause = new Pause();
  const release = listenForPause(pause, display);
  const resumeToStop = (): void => pause.resume();
  context.signal.addEventListener('abort', resumeToStop);
  try {
    const { runId } = await engine.sync(source, {
      ...options,
      signal: context.signal,
      gate: pause.gate,
      onProgress: context.json ? () => undefined : display.show,
    });
    const record = engine.catalog.runs.get(runId);
    return describeRun(record, engine.catalog.runs.problems(runId));
  } finally {
    context.signal.removeEventListener('abort', resumeToStop);
    release();
    display.clear();
  }
}

function listenForPause(pause: Pause, display: RunDisplay): () => void {
  const { stdin } = process;
  if (!stdin.isTTY || !process.stderr.isTTY) return () => undefined;
  stdin.setRawMode(true);
  stdin.resume();
  const onKey = (key: Buffer): void => {
    const text = key.toString();
    // A raw terminal sends Ctrl-C as a byte instead of a signal.
    if (text === '\u0003') process.kill(process.pid, 'SIGINT');
    if (text !== 'p') return;
    if (pause.paused) pause.resume();
    else pause.pause();
    display.paused = pause.paused;
  };
  stdin.on('data', onKey);
  return () => {
    stdin.off('data', onKey);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

/** The exit code that a set of runs ends a command with: the worst. */
export function exitCodeOfRuns(runs: readonly RunOutput[]): number {
  const outcomes = new Set(runs.map((run) => run.outcome));
  if (outcomes.has('cancelled')) return exitCodes.cancelled;
  if (outcomes.has('needs-approval')) return exitCodes.approval;
  const onlyLeased = runs.every(
    (run) =>
      run.outcome === 'done' || (run.problems.length > 0 && run.problems.every(({ code }) => code === 'store-leased')),
  );
  if (runs.some((run) => run.outcome !== 'done')) return onlyLeased ? exitCodes.busy : exitCodes.incomplete;
  return exitCodes.done;
}
