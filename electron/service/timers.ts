import type { Clock, Instant } from '../../shared/domain.ts';

/** Does things later. Tests have their own, which go by a clock that they set. */
export interface Timers {
  /** Does `work` once, at an instant or as soon after it as can be. @returns how to call it off. */
  at(instant: Instant, work: () => void): () => void;
}

/**
 * The longest wait in one go, in milliseconds: the system's timers stand still while the computer sleeps and know
 * nothing of a clock that was set, so the time is looked at again at least this often.
 */
const longestWaitMs = 60_000;

/** Timers by the system's clock. They keep no process alive. */
export function systemTimers(clock: Clock): Timers {
  return {
    at(instant, work) {
      let timer: NodeJS.Timeout;
      const wait = (): void => {
        const left = instant - clock.now();
        timer = setTimeout(left <= longestWaitMs ? done : wait, Math.min(Math.max(left, 0), longestWaitMs));
        timer.unref();
      };
      const done = (): void => {
        if (clock.now() < instant) wait();
        else work();
      };
      wait();
      return () => {
        clearTimeout(timer);
      };
    },
  };
}
