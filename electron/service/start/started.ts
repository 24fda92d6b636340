import { StrongroomError } from '../../../shared/errors.ts';
import type { Desktop } from '../door.ts';
import { procedures } from '../procedures.ts';

/** What {@link StoppedService} answers, once there is nothing to decide any more: another window was quicker. */
export function startedProcedures(desktop: Desktop) {
  return {
    retry: procedures.start.retry.handler(() => ({})),
    goBack: procedures.start.goBack.handler(() => {
      throw startedAlready();
    }),
    rebuild: procedures.start.rebuild.handler(() => {
      throw startedAlready();
    }),
    leave: procedures.start.leave.handler(() => leave(desktop)),
  };
}

/** Has the door end Strongroom. Error: `usage` where it cannot. */
export async function leave(desktop: Desktop): Promise<Record<string, never>> {
  if (desktop.quit === undefined) {
    throw new StrongroomError('usage', 'Strongroom cannot be ended from this window.', {
      advice: 'End it where it was started.',
    });
  }
  await desktop.quit();
  return {};
}

/** Error: `usage`. */
export function startedAlready(): StrongroomError {
  return new StrongroomError('usage', 'Strongroom has started, so there is nothing to decide any more.', {
    advice: 'Load the window again to see how everything stands.',
  });
}
