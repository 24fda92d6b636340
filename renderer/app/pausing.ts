import { readClock } from '../parts/figures.tsx';

const hourMs = 3_600_000;

/** Until when everything can be paused, in the words of the menus; the tray has the same. */
export const pauses = [
  { label: 'For 1 hour', until: () => readClock() + hourMs },
  { label: 'Until tomorrow', until: tomorrow },
  { label: 'Until I resume', until: () => 'forever' as const },
] as const;

/** Six in the morning of the next day, local time: before anybody is at work. */
function tomorrow(): number {
  const day = new Date(readClock());
  day.setDate(day.getDate() + 1);
  return day.setHours(6, 0, 0, 0);
}
