import type { ReactNode } from 'react';
import classes from './wordmark.module.css';

/** The mark of `build/icons/mark.svg` in the window's own accent: three doors, one behind the other. */
function Mark(): ReactNode {
  return (
    <svg viewBox="0 0 64 64" width="28" height="28" aria-hidden className={classes['mark']}>
      <rect width="64" height="64" rx="14" className={classes['ground']} />
      <path d="M24 52V28a16 16 0 0 1 32 0v22a2 2 0 0 1-2 2z" className={classes['third']} />
      <path d="M16 52V28a16 16 0 0 1 32 0v22a2 2 0 0 1-2 2z" className={classes['second']} />
      <path d="M8 50V28a16 16 0 0 1 32 0v22a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2z" className={classes['first']} />
      <circle cx="32" cy="36" r="4" className={classes['ground']} />
    </svg>
  );
}

/** Mark and name. */
export function Wordmark(): ReactNode {
  return (
    <span className={classes['wordmark']}>
      <Mark />
      <span className={classes['word']}>Strongroom</span>
    </span>
  );
}
