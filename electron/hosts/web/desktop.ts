import path from 'node:path';
import type { Platform } from '../../engine/platform/platform.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { Desktop } from '../../service/door.ts';
import { hasScreen, openingCommand, start, type Environment } from './browser.ts';

/**
 * What systems run, rather than show, when they are asked to open it. A copy of something malicious among the materials
 * must not be started by looking at it.
 */
const programEndings: ReadonlySet<string> = new Set(
  (
    '.action .app .appimage .appref-ms .application .bat .bash .chm .cmd .com .command .cpl .csh .deb .desktop .dll .dmg ' +
    '.exe .fish .gadget .hta .inf .ins .iso .jar .job .js .jse .ksh .lnk .msc .msi .msix .msp .mst .out .paf .pif .pkg ' +
    '.pl .prg .ps1 .ps1xml .ps2 .psc1 .psd1 .psm1 .py .pyc .pyw .rb .reg .rpm .run .scf .scr .sct .settingcontent-ms ' +
    '.sh .shb .shs .terminal .tool .u3p .url .vb .vbe .vbs .vbscript .webloc .workflow .ws .wsc .wsf .wsh .xbap .zsh'
  ).split(' '),
);

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
      if (programEndings.has(path.extname(file).toLowerCase())) {
        throw new StrongroomError('unsafe-path', `"${path.basename(file)}" would be run rather than shown.`, {
          subject: file,
          advice: 'Restore it into a folder, and open it there if you trust it.',
        });
      }
      await open(file, file);
    },
  };
}
