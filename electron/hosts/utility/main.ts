import process from 'node:process';
import { parentPort } from 'node:worker_threads';
import { startService } from '../../service/start/start.ts';
import { systemClock } from './clock.ts';
import { lineOfNode, type ParentLine } from './port.ts';
import { serve } from './serve.ts';

/*
 * The engine's process: `engine.js --home <folder>`. Electron starts it as a utility process; a thread of plain Node
 * serves as well, which is how it is tested where Electron cannot be.
 */
const { parentPort: electronLine } = process as { readonly parentPort?: ParentLine };
const line = electronLine ?? (parentPort === null ? undefined : lineOfNode(parentPort));
const home = process.argv[process.argv.indexOf('--home') + 1];
if (line === undefined || !process.argv.includes('--home') || home === undefined) {
  process.stderr.write('This program is started by Strongroom itself. To use it from a terminal: strongroom --help\n');
  process.exit(64);
}

serve({
  line,
  open: (desktop) => startService({ home, clock: systemClock, environment: process.env, desktop }),
  end: () => process.exit(),
});
