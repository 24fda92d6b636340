import type { Clock } from '../../../shared/domain.ts';

/** The time of this computer. */
export const systemClock: Clock = { now: () => Date.now() };
