import path from 'node:path';
import type { Platform } from '../../engine/platform/platform.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { Desktop } from '../../service/door.ts';
import { wouldRun } from '../../../shared/running-files.ts';
import { hasScreen, openingCommand, start, type Environment } from './browser.ts';

/** What the local web host can do on the desktop of this computer. It cannot start Strongroom at login. */
export function webDesktop(platform: Platform, environment: Environment): Desktop {
  const open = async (what: string, subject: string): Promise<void> => {
    if (hasScreen(platform, environment) && (await start(openingCommand(platform, what), environment))) return;
    throw new StrongroomError('usage', `This computer has no program that could show ${subject}.`, {
      subject,
      advice: 'Open it by hand, on this computer or on another one.',
    });
  };
  return {
    door: 'web',
    openUrl: async (url) => {
      const { protocol, href } = new URL(url);
      if (protocol !== 'http:' && protocol !== 'https:') {
        throw new StrongroomError('usage', `Strongroom opens web addresses only, and not "${protocol}".`);
      }
      await open(href, href);
    },
    openPath: async (file) => {
      // A relative path could look like an option.
      if (!path.isAbsolute(file)) throw new StrongroomError('unsafe-path', `"${file}" is no whole path.`);
      if (wouldRun(file)) {
        throw new StrongroomError('unsafe-path', `"${path.basename(file)}" would be run rather than shown.`, {
          subject: file,
          advice: 'Restore it into a folder, and open it there if you trust it.',
        });
      }
      await open(file, file);
    },
  };
}
