/** Something outside the project that a test cannot run without. */
export type Need =
  'ceph' | 'moto' | 'rclone' | 'external' | 'discovery' | 'pyclient' | 'external-drive' | 'chromium' | 'electron';

/** The needs by the name that a test file carries for them: `copy.ceph.rclone.test.ts` needs Ceph and rclone. */
export const allNeeds: readonly Need[] = [
  'ceph',
  'moto',
  'rclone',
  'external',
  'discovery',
  'pyclient',
  'external-drive',
  'chromium',
  'electron',
];

/** A folder of test files. */
export interface Suite {
  readonly name: string;
  /** Of its files, from the project's root. */
  readonly pattern: string;
  /** What every file of it needs, besides what the file's own name says. */
  readonly needs: readonly Need[];
}

/** All suites, in the order in which they run: what is quick and tells most comes first. */
export const suites: readonly Suite[] = [
  { name: 'unit', pattern: 'test/unit/**/*.test.ts', needs: [] },
  { name: 'contract', pattern: 'test/contract/**/*.test.ts', needs: [] },
  { name: 'engine', pattern: 'test/engine/**/*.test.ts', needs: [] },
  { name: 'cli', pattern: 'test/cli/**/*.test.ts', needs: [] },
  { name: 'faults', pattern: 'test/faults/**/*.test.ts', needs: [] },
  { name: 'lab', pattern: 'test/lab/**/*.test.ts', needs: [] },
  { name: 'emulators', pattern: 'test/emulators/**/*.test.ts', needs: [] },
  { name: 'service', pattern: 'test/service/**/*.test.ts', needs: [] },
  { name: 'hosts', pattern: 'test/hosts/**/*.test.ts', needs: [] },
  { name: 'shell', pattern: 'test/shell/**/*.test.ts', needs: [] },
  { name: 'drive', pattern: 'test/drive/**/*.test.ts', needs: [] },
  { name: 'window', pattern: 'test/window/**/*.test.ts', needs: ['chromium'] },
  { name: 'electron', pattern: 'test/electron/**/*.test.ts', needs: ['electron'] },
];

/** What one test file needs: what its suite does, and what its name says between dots. */
export function needsOf(suite: Suite, file: string): Need[] {
  const words = new Set((file.split('/').at(-1) ?? '').split('.'));
  return allNeeds.filter((need) => suite.needs.includes(need) || words.has(need));
}
