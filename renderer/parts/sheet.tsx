import type { ReactNode } from 'react';

/**
 * The foot of a drawer or dialog: what is decided there, always in sight. It stands last in the content, however deep;
 * how it lies is said once for all of them in `app/app.css`.
 *
 * @param start what stands at the other side of the buttons: a way back, or a word on what they do.
 */
export function SheetFoot({
  start,
  children,
}: {
  readonly start?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div data-sheet-foot>
      {start !== undefined && <div data-sheet-start>{start}</div>}
      {children}
    </div>
  );
}
