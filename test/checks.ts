import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Check {
  readonly name: string;
  readonly package: string;
  readonly program: string;
  readonly args: readonly string[];
}

// The compilers and the linter take longest, so they come first: two checks run at a time.
const checks: readonly Check[] = [
  { name: 'eslint', package: 'eslint', program: 'eslint', args: ['-c', 'build/checks/eslint.config.js', '.'] },
  ...['shared', 'electron', 'renderer', 'build', 'test', 'test/window'].map((layer) => ({
    name: `tsc ${layer}`,
    package: 'typescript',
    program: 'tsc',
    args: ['-p', layer],
  })),
  { name: 'prettier', package: 'prettier', program: 'prettier', args: ['--check', '.'] },
  {
    name: 'walls',
    package: 'dependency-cruiser',
    program: 'depcruise',
    args: ['--config', 'build/checks/walls.cjs', 'shared', 'electron', 'renderer', 'build', 'test'],
  },
  { name: 'knip', package: 'knip', program: 'knip', args: ['--config', 'build/checks/knip.json'] },
];

/** Runs the checks of the sources, two at a time, and prints what the failing ones say. Gives the count of each kind. */
export async function runChecks(): Promise<{ readonly passed: number; readonly failed: number }> {
  const waiting = [...checks];
  let failed = 0;
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const begun = performance.now();
      const { ok, output } = await runCheck(check);
      console.log(`${ok ? '✔' : '✖'} ${check.name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
      if (ok) continue;
      failed += 1;
      console.log(output.trimEnd());
    }
  };
  await Promise.all([worker(), worker()]);
  return { passed: checks.length - failed, failed };
}

async function runCheck(check: Check): Promise<{ readonly ok: boolean; readonly output: string }> {
  const output: string[] = [];
  const child = spawn(process.execPath, [programFile(check), ...check.args], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (text: Buffer) => output.push(text.toString()));
  child.stderr.on('data', (text: Buffer) => output.push(text.toString()));
  const ok = await new Promise<boolean>((resolve) => child.once('close', (code) => resolve(code === 0)));
  return { ok, output: output.join('') };
}

/** The script behind a package's program: started by this very Node, on every platform, without a shell. */
function programFile(check: Check): string {
  const folder = join('node_modules', check.package);
  const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const script = typeof description.bin === 'string' ? description.bin : description.bin[check.program];
  if (script === undefined) throw new Error(`${check.package} has no program ${check.program}`);
  return join(folder, script);
}
