import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from './system.ts';

/** The option with which the system starts Strongroom at sign-in: into the tray, without a window. */
export const hiddenOption = '--hidden';

export interface LoginOptions {
  readonly app: Pick<App, 'setLoginItemSettings'>;
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** How this very app is started: the program, and what it is given. */
  readonly program: string;
  readonly args: readonly string[];
  /** Linux: the folder of the person's settings, by the XDG base directory specification. */
  readonly configFolder: string;
}

/** Starts Strongroom hidden whenever the person signs in to this computer, or no more. */
export async function setStartAtLogin({ app, platform, program, args, configFolder }: LoginOptions, on: boolean) {
  const options = [...args, hiddenOption];
  switch (platform) {
    case 'darwin':
      // macOS starts login items without options, and says afterwards that it did (`wasOpenedAtLogin`).
      app.setLoginItemSettings({ openAtLogin: on });
      return;
    case 'win32':
      app.setLoginItemSettings({ openAtLogin: on, path: program, args: options.map((option) => `"${option}"`) });
      return;
    case 'linux': {
      const folder = join(configFolder, 'autostart');
      const file = join(folder, 'strongroom.desktop');
      if (!on) {
        await rm(file, { force: true });
        return;
      }
      await mkdir(folder, { recursive: true });
      await writeFile(file, autostartFile([program, ...options]));
    }
  }
}

/** https://specifications.freedesktop.org/autostart-spec/latest/ */
function autostartFile(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Strongroom',
    'Comment=Keeps copies of source materials',
    `Exec=${command.map(quote).join(' ')}`,
    'Icon=strongroom',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/**
 * An argument of an Exec line: quoted, then escaped as every string value is.
 * https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html
 */
function quote(argument: string): string {
  const quoted = argument.replace(/["`$\\]/g, String.raw`\$&`).replaceAll('%', '%%');
  return `"${quoted.replaceAll('\\', '\\\\')}"`;
}
