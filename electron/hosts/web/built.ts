import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { StrongroomError } from '../../../shared/errors.ts';

const root = new URL('../../../', import.meta.url);

/** What is made from the sources before it can be used, and what a person calls it. */
const parts = { renderer: 'window', desktop: 'desktop program' } as const;

/**
 * The folder of a part that is built. In a checkout it is built first where the sources are newer, by a process of its
 * own, so that no bundler stays in memory. Error: `internal` where it cannot be built; the reason is printed on standard
 * error.
 */
export async function built(part: keyof typeof parts): Promise<string> {
  const builder = fileURLToPath(new URL(`build/${part}/main.ts`, root));
  if (fs.existsSync(builder)) {
    // All that it says goes to standard error: standard output may be read by a script.
    const child = spawn(process.execPath, [builder], { stdio: ['ignore', 2, 2] });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) {
      throw new StrongroomError('internal', `The ${parts[part]} could not be built; the reason stands above.`, {
        advice: 'Run "npm ci", then start again.',
      });
    }
  }
  return fileURLToPath(new URL(`dist/${part}`, root));
}
