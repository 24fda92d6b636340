import { extname } from 'node:path';
import type { System } from './system.ts';

/**
 * Endings that a desktop starts rather than shows. Copies of materials are opened to be looked at; what runs has to be
 * restored to a folder first, which is a person's deliberate act.
 * After Microsoft's list of high-risk file types: https://learn.microsoft.com/windows/win32/shell/assocactions
 */
const running = new Set(
  (
    'app appimage application appref-ms bat bin chm cmd com command cpl desktop exe gadget hta inf ins iso img jar js ' +
    'jse library-ms lnk msc msi msix msp mst pif pkg ps1 ps1xml ps2 psc1 py pyw reg rgs run scf scr sct settingcontent-ms ' +
    'sh shb shs tool url vb vbe vbs vhd vhdx webloc workflow ws wsc wsf wsh xbap'
  ).split(' '),
);

/** Opens a file with the system's program for it. Errors: for what would run, and for what the system has no program for. */
export async function openFile(shell: System['shell'], path: string): Promise<void> {
  // Windows takes trailing dots and blanks off a name before it looks at the ending.
  const ending = extname(path.replace(/[. ]+$/, ''))
    .slice(1)
    .toLowerCase();
  if (running.has(ending)) {
    throw new Error('Files that can run are not opened from here. Restore it to a folder, and open it there.');
  }
  const failure = await shell.openPath(path);
  if (failure !== '') throw new Error(`This computer has no program that opens it: ${failure}`);
}
