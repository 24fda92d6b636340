import fs from 'node:fs';
import path from 'node:path';

/** Where the sample materials lie in a home, stores included: all that is in it goes when they are removed. */
export function sampleFolder(home: string): string {
  return path.join(home, 'sample');
}

/** Whether a path lies in a folder, links in the folder's own path resolved. */
export function isBelow(where: string, folder: string): boolean {
  const inside = (outer: string): boolean => {
    const relative = path.relative(outer, where);
    return (
      where !== '' &&
      relative !== '' &&
      relative !== '..' &&
      !relative.startsWith(`..${path.sep}`) &&
      !path.isAbsolute(relative)
    );
  };
  if (inside(folder)) return true;
  try {
    return inside(path.join(fs.realpathSync(path.dirname(folder)), path.basename(folder)));
  } catch {
    return false;
  }
}
