import { durationText } from './figures.tsx';

const shortest = 500;

/** What is still to come, milliseconds: `about 5 min`, or `less than a second`, which is about nothing. */
export function aboutText(ms: number): string {
  return ms < shortest ? durationText(ms) : `about ${durationText(ms)}`;
}
