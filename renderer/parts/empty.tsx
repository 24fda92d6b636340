import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './empty.module.css';

/** Line drawings on a ground of 120 × 96; `accent` lines are in the accent colour. */
const drawings = {
  folder: (
    <>
      <path d="M14 78V26a4 4 0 0 1 4-4h24l8 10h52a4 4 0 0 1 4 4v42a4 4 0 0 1-4 4H18a4 4 0 0 1-4-4z" />
      <path d="M14 44h92" />
      <g className={classes['accent']}>
        <path d="M60 54v16M52 62h16" />
      </g>
    </>
  ),
  files: (
    <>
      <path d="M22 82V20a3 3 0 0 1 3-3h28l13 13v52a3 3 0 0 1-3 3H25a3 3 0 0 1-3-3z" />
      <path d="M53 17v13h13M32 46h24M32 56h24M32 66h15" />
      <path d="M76 30h9l13 13v39a3 3 0 0 1-3 3H76" className={classes['accent']} />
    </>
  ),
  stores: (
    <>
      <path d="M12 64h26v22H12zM12 72h26" />
      <g className={classes['accent']}>
        <path d="M47 12h26v22H47zM47 20h26" />
      </g>
      <path d="M82 64h26v22H82zM82 72h26" />
      <path d="M54 40L32 58M66 40l22 18M44 76h32" strokeDasharray="3 4" />
    </>
  ),
  activity: (
    <>
      <circle cx="60" cy="48" r="34" />
      <path d="M60 26v22l15 9" className={classes['accent']} />
      <path d="M60 8v6M60 82v6M20 48h6M94 48h6" />
    </>
  ),
  search: (
    <>
      <circle cx="52" cy="42" r="26" />
      <path d="M71 61l24 24" />
      <path d="M42 42h20M42 50h12M42 34h16" className={classes['accent']} />
    </>
  ),
  vault: (
    <>
      <path d="M18 14h84v66H18zM30 80v8M90 80v8" />
      <circle cx="60" cy="47" r="21" />
      <g className={classes['accent']}>
        <circle cx="60" cy="47" r="6" />
        <path d="M60 41V30M65.2 50l9.5 5.5M54.8 50l-9.5 5.5" />
      </g>
    </>
  ),
  proof: (
    <>
      <path d="M24 12h52l20 20v52H24zM76 12v20h20" />
      <path d="M36 62h22M36 72h30" />
      <path d="M38 42l9 9 18-20" className={classes['accent']} />
    </>
  ),
  lifebuoy: (
    <>
      <circle cx="60" cy="48" r="36" />
      <circle cx="60" cy="48" r="15" />
      <g className={classes['accent']}>
        <path d="M34.5 22.5l15 15M85.5 22.5l-15 15M34.5 73.5l15-15M85.5 73.5l-15-15" />
      </g>
    </>
  ),
  away: (
    <>
      <path d="M10 66V38h34v28zM76 66V38h34v28zM10 52h34M76 52h34" />
      <path d="M44 52h8M68 52h8" />
      <path d="M54 44l12 16M66 44L54 60" className={classes['accent']} />
    </>
  ),
} as const satisfies Record<string, ReactNode>;

export type Drawing = keyof typeof drawings;

interface EmptyProps {
  readonly drawing: Drawing;
  readonly title: string;
  /** What would be here, and how it comes to be. */
  readonly children: ReactNode;
  /** The one thing to do next: a button. */
  readonly action?: ReactNode;
  /** Level of the title, where it is not a part of a page. */
  readonly order?: 2 | 3;
}

/** Nothing here yet, said kindly. */
export function Empty({ drawing, title, children, action, order = 2 }: EmptyProps): ReactNode {
  return (
    <div className={classes['empty']}>
      <svg viewBox="0 0 120 96" width="120" height="96" aria-hidden className={classes['drawing']}>
        {drawings[drawing]}
      </svg>
      <Title order={order} size="h3">
        {title}
      </Title>
      <Text component="div" className={classes['words']}>
        {children}
      </Text>
      {action !== undefined && <div className={classes['action']}>{action}</div>}
    </div>
  );
}
