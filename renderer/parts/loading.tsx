import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './loading.module.css';

/** Rows on their way. @param height of one row, in pixels. @param label what is loaded, for screen readers. */
export function RowsLoading({
  rows = 6,
  height = 44,
  label = 'Loading…',
}: {
  readonly rows?: number;
  readonly height?: number;
  readonly label?: string;
}): ReactNode {
  return (
    <div role="status" className={classes['rows']}>
      <span className="unseen">{label}</span>
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} height={height - 16} my={8} width={`${96 - ((at * 7) % 23)}%`} />
      ))}
    </div>
  );
}

/** A block on its way: a picture, a chart, a panel. */
export function BlockLoading({
  height = 240,
  label = 'Loading…',
}: {
  readonly height?: number | string;
  readonly label?: string;
}): ReactNode {
  return (
    <div role="status">
      <span className="unseen">{label}</span>
      <Skeleton height={height} />
    </div>
  );
}

/** A whole screen on its way: a heading, a line, rows. */
export function PageLoading({ label = 'Loading…' }: { readonly label?: string }): ReactNode {
  return (
    <div role="status" className={classes['page']}>
      <span className="unseen">{label}</span>
      <Skeleton height={40} width="60%" />
      <Skeleton height={20} width="35%" mt={16} mb={40} />
      {Array.from({ length: 5 }, (_, at) => (
        <Skeleton key={at} height={52} my={10} />
      ))}
    </div>
  );
}
