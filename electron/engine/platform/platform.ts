/**
 * The operating systems that Strongroom runs on. What differs between them is kept in this folder as pure functions
 * of this value, so that the rules of all three are tested on any one of them.
 */
export type Platform = 'linux' | 'darwin' | 'win32';

/** The rules to follow for a value of `process.platform`; every other Unix is treated as Linux. */
export function platformOf(name: string): Platform {
  return name === 'win32' || name === 'darwin' ? name : 'linux';
}
