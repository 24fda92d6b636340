import { wouldRun } from '../../shared/running-files.ts';
import type { System } from './system.ts';

/** Opens a file with the system's program for it. Errors: for what would run, and for what the system has no program for. */
export async function openFile(shell: System['shell'], path: string): Promise<void> {
  if (wouldRun(path)) {
    throw new Error('Files that can run are not opened from here. Restore it to a folder, and open it there.');
  }
  const failure = await shell.openPath(path);
  if (failure !== '') throw new Error(`This computer has no program that opens it: ${failure}`);
}
