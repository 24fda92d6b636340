import type { Fault } from '../emulators/drive/faults.ts';

/** What strikes a request to Drive in random lives: each kind of failure once, cut early enough for the smallest file. */
export const driveFaults: readonly Fault[] = [
  { kind: 'loseResponse' },
  { kind: 'cutResponse', afterBytes: 20 },
  { kind: 'cutRequest', afterBytes: 200 },
  { kind: 'refuse', status: 503 },
  { kind: 'refuse', status: 403, reason: 'userRateLimitExceeded' },
  { kind: 'refuseAfter', status: 500 },
  { kind: 'expireToken' },
];
