import path from 'node:path';

/**
 * Endings that systems run, mount or install rather than show. Copies of materials are opened to be looked at; what runs
 * has to be restored to a folder first, which is a person's deliberate act. After Microsoft's list of high-risk file
 * types (https://learn.microsoft.com/windows/win32/shell/assocactions), with what macOS and Linux desktops start.
 */
const runningEndings: ReadonlySet<string> = new Set(
  (
    'action app appimage application appref-ms bash bat bin chm cmd com command cpl csh deb desktop dll dmg exe fish ' +
    'gadget hta img inf ins iso jar job js jse ksh library-ms lnk msc msi msix msp mst out paf pif pkg pl prg ps1 ps1xml ' +
    'ps2 psc1 psd1 psm1 py pyc pyw rb reg rgs rpm run scf scr sct settingcontent-ms sh shb shs terminal tool u3p url vb ' +
    'vbe vbs vbscript vhd vhdx webloc workflow ws wsc wsf wsh xbap zsh'
  ).split(' '),
);

/** Whether opening a file might start something instead of showing it. */
export function wouldRun(file: string): boolean {
  // Windows takes trailing dots and blanks off a name before it looks at the ending.
  const ending = path.extname(file.replace(/[. ]+$/, '')).slice(1);
  return runningEndings.has(ending.toLowerCase());
}
