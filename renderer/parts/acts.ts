import { notifications } from '@mantine/notifications';
import { engine } from '../app/rpc.ts';
import { visibleName } from './name.tsx';
import { tellProblem } from './problem.tsx';

/** Says in a corner that something a person asked for was done. */
export function tell(sentence: string): void {
  notifications.show({ message: sentence, closeButtonProps: { 'aria-label': 'Close this message' } });
}

/** Begins a run of a source at once, or of all of them, and says so. Never rejects. @param name of the source. */
export async function syncNow(name?: string): Promise<void> {
  try {
    await engine.sources.sync(name === undefined ? {} : { name });
    tell(
      name === undefined
        ? 'A run of every source begins; what is new or changed is copied.'
        : `A run of ${visibleName(name)} begins; what is new or changed is copied.`,
    );
  } catch (error) {
    tellProblem(error);
  }
}

/** Ends the run of a source at the next safe point. What is copied by then stays. Never rejects. */
export async function cancelRun(source: string): Promise<void> {
  try {
    await engine.runs.cancel({ source });
  } catch (error) {
    tellProblem(error);
  }
}
