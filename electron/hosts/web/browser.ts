import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Platform } from '../../engine/platform/platform.ts';

/** A program to start, without a shell. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** Where a program is looked for, and what the desktop says of itself. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Chromium and its relatives, which show an address as a window of its own (`--app=`), by their desktop entries. */
const chromiumPrograms: Readonly<Record<string, readonly string[]>> = {
  'google-chrome.desktop': ['google-chrome', 'google-chrome-stable'],
  'chromium.desktop': ['chromium', 'chromium-browser'],
  'chromium-browser.desktop': ['chromium-browser', 'chromium'],
  'microsoft-edge.desktop': ['microsoft-edge', 'microsoft-edge-stable'],
  'brave-browser.desktop': ['brave-browser'],
};

/** Where Windows has them, below the folders for programs, by the name under which they are the default browser. */
const chromiumOnWindows: Readonly<Record<string, string>> = {
  ChromeHTML: String.raw`Google\Chrome\Application\chrome.exe`,
  MSEdgeHTM: String.raw`Microsoft\Edge\Application\msedge.exe`,
};

/** How long a program that only hands over may take. One that stays is the browser itself, and is left alone. */
const handOverMs = 5_000;

/** How long a question to the desktop may take. */
const questionMs = 5_000;

/** Whether there is a screen to show a window on. */
export function hasScreen(platform: Platform, environment: Environment): boolean {
  if (platform !== 'linux') return environment['SSH_CONNECTION'] === undefined;
  return [environment['DISPLAY'], environment['WAYLAND_DISPLAY']].some((name) => name !== undefined && name !== '');
}

/** Opens what the system has a program for: an address or a path. @param what is one argument and no option. */
export function openingCommand(platform: Platform, what: string): Command {
  switch (platform) {
    case 'darwin':
      return { program: 'open', args: [what] };
    case 'win32':
      // What `start` does, which is a word of the shell and no program.
      return { program: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', what] };
    case 'linux':
      return { program: 'xdg-open', args: [what] };
  }
}

/**
 * Shows an address of the window in the default browser, as a window of its own where that browser offers it. Where
 * there is no default browser, any that is known is taken.
 *
 * @returns whether something was there to show it.
 */
export async function openWindow(platform: Platform, environment: Environment, address: string): Promise<boolean> {
  if (!hasScreen(platform, environment)) return false;
  for (const command of await waysToShow(platform, environment, address)) {
    if (await start(command, environment)) return true;
  }
  return false;
}

async function waysToShow(platform: Platform, environment: Environment, address: string): Promise<Command[]> {
  const plainWay = openingCommand(platform, address);
  const asWindow = (program: string): Command => ({ program, args: [`--app=${address}`] });
  switch (platform) {
    case 'darwin':
      // `open` hands the address over by message. As an argument of the browser, every user could read it.
      return [plainWay];
    case 'win32': {
      const key = String.raw`HKCU\Software\Microsoft\Windows\Shell\Associations\UrlAssociations\http\UserChoice`;
      const answer = await ask({ program: 'reg.exe', args: ['query', key, '/v', 'ProgId'] }, environment);
      const place = chromiumOnWindows[/ProgId\s+REG_SZ\s+(\w+)/.exec(answer)?.[1] ?? ''];
      const folders = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].map((name) => environment[name]);
      const programs = folders
        .filter((folder) => folder !== undefined && place !== undefined)
        .map((folder) => path.win32.join(folder ?? '', place ?? ''))
        .filter((program) => fs.existsSync(program));
      return [...programs.slice(0, 1).map(asWindow), plainWay];
    }
    case 'linux': {
      const answer = await ask({ program: 'xdg-settings', args: ['get', 'default-web-browser'] }, environment);
      const chosen = chromiumPrograms[answer.trim()] ?? [];
      const others = new Set(
        Object.values(chromiumPrograms)
          .flat()
          .filter((program) => !chosen.includes(program)),
      );
      return [...chosen.map(asWindow), plainWay, ...Array.from(others, asWindow)];
    }
  }
}

/** Starts a program and leaves it alone. @returns whether it is there and did not fail at once. */
export function start({ program, args }: Command, environment: Environment): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: 'ignore',
      detached: true,
      windowsHide: true,
      env: { ...environment },
    });
    const patience = setTimeout(() => resolve(true), handOverMs);
    const end = (started: boolean): void => {
      clearTimeout(patience);
      resolve(started);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
    child.unref();
  });
}

/** What a program prints; nothing where it is not there or does not answer soon. */
function ask({ program, args }: Command, environment: Environment): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
      timeout: questionMs,
      env: { ...environment },
    });
    const printed: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(text));
    child.once('error', () => resolve(''));
    child.once('close', () => resolve(printed.join('')));
  });
}
