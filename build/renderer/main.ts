import process from 'node:process';
import { buildRenderer } from './build.ts';

/*
 * `node build/renderer/main.ts` builds the window where that is needed. Its own process, so that whoever serves the
 * window afterwards does not keep a bundler in memory.
 */
try {
  await buildRenderer(() => process.stderr.write('Building the window, which takes some seconds …\n'));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
