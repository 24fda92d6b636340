import type { Platform } from './platform.ts';

/**
 * The folder for the app's own data (catalog, settings, vault), where each system's users and backups expect it.
 *
 * @param environment the process's environment; only absolute values are believed.
 * @param userHome the user's home folder.
 */
export function defaultHome(
  platform: Platform,
  environment: Readonly<Record<string, string | undefined>>,
  userHome: string,
): string {
  switch (platform) {
    case 'win32': {
      const local = environment['LOCALAPPDATA'];
      const base = local !== undefined && /^([A-Za-z]:[\\/]|\\\\)/.test(local) ? local : `${userHome}\\AppData\\Local`;
      return `${base}\\Strongroom`;
    }
    case 'darwin':
      return `${userHome}/Library/Application Support/Strongroom`;
    case 'linux': {
      // https://specifications.freedesktop.org/basedir-spec/latest/: a relative value is to be ignored.
      const data = environment['XDG_DATA_HOME'];
      return `${data?.startsWith('/') === true ? data : `${userHome}/.local/share`}/strongroom`;
    }
  }
}
