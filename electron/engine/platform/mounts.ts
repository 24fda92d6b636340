import type { Platform } from './platform.ts';

/** A place to begin from when looking for a folder. */
export interface StartingPoint {
  readonly label: string;
  readonly path: string;
}

/** File systems of servers, as Linux names them in its table of mounts. */
const networkTypes =
  /^(nfs4?|cifs|smb3|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|davfs|fuse\.(sshfs|rclone|davfs2?|glusterfs|gvfsd-fuse|s3fs|smbnetfs))$/;
/** Where disks and shares of people are mounted by custom. https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s12.html */
const peoplesPlaces = /^\/(mnt|media|run\/media|srv|shares?|net|Volumes)\//;

/**
 * The shares and disks in Linux's table of mounts that people keep things on: file systems of servers wherever they are,
 * and whatever is mounted where disks of people are.
 *
 * @param table text of `/proc/mounts`, https://man7.org/linux/man-pages/man5/proc_pid_mounts.5.html
 */
export function mountedPlaces(table: string): StartingPoint[] {
  const places = new Map<string, StartingPoint>();
  for (const line of table.split('\n')) {
    const [device = '', where = '', type = ''] = line.split(' ').map(unescaped);
    if (!where.startsWith('/') || where === '/') continue;
    if (networkTypes.test(type)) places.set(where, { label: `${lastPart(where)} (${device})`, path: where });
    else if (peoplesPlaces.test(where) && !/^(proc|sysfs|tmpfs|autofs|overlay|squashfs|cgroup2?)$/.test(type)) {
      places.set(where, { label: lastPart(where), path: where });
    }
  }
  return [...places.values()];
}

/** Blanks, tabs, line ends and backslashes are written as octal numbers. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Folders that a picker leaves out: hidden ones, and those that a system keeps for itself. */
export function isHiddenFolder(name: string, platform: Platform): boolean {
  if (name.startsWith('.')) return true;
  if (platform === 'win32')
    return /^(\$.*|System Volume Information|Recovery|Config\.Msi|PerfLogs|Documents and Settings)$/i.test(name);
  return name === 'lost+found' || (platform === 'linux' && name.startsWith('@ea'));
}

/** The folder above, by the system's own rules for paths; `null` at the top of a disk or of a server's share. */
export function folderAbove(where: string, platform: Platform): string | null {
  if (platform !== 'win32') {
    const bare = where.replace(/\/+$/, '');
    return bare === '' ? null : bare.slice(0, Math.max(1, bare.lastIndexOf('/')));
  }
  const bare = where.replaceAll('/', '\\').replace(/\\+$/, '');
  // `\\server\share` is a top of its own: a server alone cannot be listed.
  const top = /^(\\\\[^\\]+\\[^\\]+|[A-Za-z]:)/.exec(bare)?.[0] ?? '';
  if (bare.length <= top.length) return null;
  const above = bare.slice(0, bare.lastIndexOf('\\'));
  return /^[A-Za-z]:$/.test(above) ? `${above}\\` : above;
}

/** The letters under which Windows may have drives, in the order in which people look for them. */
export function driveLetters(): StartingPoint[] {
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
  return letters
    .slice(2)
    .concat(letters.slice(0, 2))
    .map((letter) => ({ label: `${letter}:`, path: `${letter}:\\` }));
}

function lastPart(where: string): string {
  return where.slice(where.lastIndexOf('/') + 1);
}
