import { appendFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { asStrongroomError, type StrongroomError } from '../../../shared/errors.ts';
import { defaultHome } from '../../engine/platform/home.ts';
import { platformOf } from '../../engine/platform/platform.ts';
import type { Engine, EngineOptions } from '../../engine/engine.ts';
import { exitCodeOf } from './exit.ts';
import type { Output, OutputName } from './output.ts';
import { askHidden, plain, toJson } from './terminal.ts';

/** What every command gets: the home, how to talk, and when to stop. */
export interface Context {
  readonly home: string;
  readonly json: boolean;
  /** Aborts when the person presses Ctrl-C or the system asks the process to end. */
  readonly signal: AbortSignal;
  readonly clock: { now: () => number };
  /** Runs `work` with the engine, and closes it whatever happens. */
  withEngine<Result>(
    mode: EngineOptions['mode'],
    work: (engine: Engine) => Promise<Result>,
    how?: Pick<EngineOptions, 'makingAnew'>,
  ): Promise<Result>;
  /** Prints the command's result: `text` for people, `data` for `--json`. */
  print<Name extends OutputName>(name: Name, data: Output<Name>, text: () => string): void;
  /** A remark beside the result, for people only. */
  say(text: string): void;
}

interface GlobalOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly log?: string;
}

export function contextOf(command: Command): Context {
  const options = command.optsWithGlobals<GlobalOptions>();
  const home = path.resolve(
    options.home ?? process.env['STRONGROOM_HOME'] ?? defaultHome(platformOf(process.platform), process.env, homedir()),
  );
  const json = options.json === true;
  const clock = { now: () => Date.now() };
  const { log } = options;
  return {
    home,
    json,
    clock,
    signal: interrupted(),
    async withEngine(mode, work, how = {}) {
      // Loaded here, so that `--help` and usage errors need none of it.
      const { Engine } = await import('../../engine/engine.ts');
      const engine = Engine.open({
        home,
        clock,
        mode,
        ...how,
        environment: process.env,
        ask: (question) => askHidden(`${question}: `),
        onNotice: (text) => {
          if (!json) process.stderr.write(`${plain(text)}\n`);
        },
        ...(log === undefined
          ? {}
          : { log: (entry) => appendFileSync(log, `${JSON.stringify({ at: clock.now(), ...entry })}\n`) }),
      });
      try {
        return await work(engine);
      } finally {
        await engine.close();
      }
    },
    print(_name, data, text) {
      process.stdout.write(json ? `${toJson(data, 2)}\n` : ensureNewline(text()));
    },
    say(text) {
      if (!json) process.stderr.write(ensureNewline(text));
    },
  };
}

let controller: AbortController | undefined;

/** The first Ctrl-C (or SIGTERM) ends the work cleanly, the second ends the process at once. */
function interrupted(): AbortSignal {
  if (controller !== undefined) return controller.signal;
  const created = new AbortController();
  controller = created;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (created.signal.aborted) process.exit(130);
      process.stderr.write('\nStopping; what is under way is finished cleanly. Press Ctrl-C again to end at once.\n');
      created.abort();
    });
  }
  return created.signal;
}

/** Tells an error as a person needs it, and sets the exit code. */
export function fail(error: unknown, json: boolean): void {
  const known = asStrongroomError(error);
  if (json) process.stdout.write(`${toJson({ error: problemOf(known) }, 2)}\n`);
  else process.stderr.write(`${tell(known)}\n`);
  if (known.code === 'internal' && known.cause instanceof Error) process.stderr.write(`${known.cause.stack ?? ''}\n`);
  process.exitCode = exitCodeOf(known.code);
}

export function tell(error: Pick<StrongroomError, 'code' | 'message' | 'advice'>): string {
  return `${plain(error.message)}${error.advice === undefined ? '' : `\n  ${plain(error.advice)}`}`;
}

export function problemOf(error: StrongroomError): Output<'protect'>['problems'][number] {
  return { code: error.code, subject: error.subject ?? null, message: error.message, advice: error.advice ?? null };
}

function ensureNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
