import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { isNotRun, prepareProgram, type NotRun } from './prepare.ts';

const debianChromium = '/usr/bin/chromium';

/** Makes sure that there is a Chromium to drive: Playwright's own where it was fetched, else Debian's. */
export async function prepareChromium(): Promise<object | NotRun> {
  if (existsSync(chromium.executablePath())) return {};
  const prepared = await prepareProgram('chromium');
  return isNotRun(prepared) ? { notRun: `${prepared.notRun}; "npx playwright install chromium" fetches one` } : {};
}

/** The program that Playwright is to start; `undefined` for its own. */
export function chromiumProgram(): string | undefined {
  return existsSync(chromium.executablePath()) ? undefined : debianChromium;
}

/** Whether Electron's binary is here. It is fetched by its first start, not at install. */
export function findElectron(): object | NotRun {
  const folder = join(import.meta.dirname, '../../node_modules/electron');
  const note = join(folder, 'path.txt');
  const program = existsSync(note) ? join(folder, 'dist', readFileSync(note, 'utf8').trim()) : undefined;
  return program !== undefined && existsSync(program)
    ? {}
    : { notRun: "Electron's binary is not here; it is fetched by the first start of the app" };
}
