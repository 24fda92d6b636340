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

/**
 * Endings of documents and pages that can carry programs, and of programs that only some computers run. A copy of one is
 * never opened: the version may be the very one that an attack left behind.
 * https://learn.microsoft.com/deployedge/microsoft-edge-security-downloads-interruptions
 */
const carryingEndings: ReadonlySet<string> = new Set(
  'appx docm dotm htm html mht mhtml php potm ppam ppsm pptm sldm svg xhtml xlam xll xlsm xltm'.split(' '),
);

/** Whether opening a file might start something instead of showing it. @param file its name or path. */
export function wouldRun(file: string): boolean {
  return runningEndings.has(endingOf(file));
}

/** Whether opening a file would run something, or show something that could. @param file its name or path. */
export function couldRun(file: string): boolean {
  return wouldRun(file) || carryingEndings.has(endingOf(file));
}

function endingOf(file: string): string {
  // Windows takes trailing dots and blanks off a name before it looks at the ending.
  const bare = file.replace(/[. ]+$/, '');
  const dot = bare.lastIndexOf('.');
  return dot < 0 ? '' : bare.slice(dot + 1).toLowerCase();
}
