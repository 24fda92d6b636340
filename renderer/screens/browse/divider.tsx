import { useLocalStorage } from '@mantine/hooks';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import classes from './browse.module.css';

const narrowest = 140;
const widest = 560;
const usual = 216;
const step = 16;

/** How wide the folders are, in pixels; kept for the next time. */
export function usePaneWidth(): [number, (width: number) => void] {
  const [kept, keep] = useLocalStorage({
    key: 'strongroom-folders-width',
    defaultValue: usual,
    getInitialValueInEffect: false,
    deserialize: (text) => bounded(Number(text ?? usual)),
  });
  return [kept, (width) => keep(bounded(width))];
}

function bounded(width: number): number {
  return Number.isFinite(width) ? Math.round(Math.min(widest, Math.max(narrowest, width))) : usual;
}

/** Moved sideways, it makes what stands before it wider; by the keyboard too, after the WAI-ARIA window splitter. */
export function Divider({
  controls,
  label,
  width,
  onResize,
}: {
  /** The id of what is made wider. */
  readonly controls: string;
  readonly label: string;
  /** Pixels. */
  readonly width: number;
  readonly onResize: (width: number) => void;
}): ReactNode {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') onResize(width - step);
    else if (event.key === 'ArrowRight') onResize(width + step);
    else if (event.key === 'Home') onResize(narrowest);
    else if (event.key === 'End') onResize(widest);
    else return;
    event.preventDefault();
  };
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const pane = event.currentTarget.previousElementSibling;
    if (pane !== null) onResize(event.clientX - pane.getBoundingClientRect().left);
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-controls={controls}
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      aria-valuenow={width}
      tabIndex={0}
      className={classes['divider']}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={follow}
      onDoubleClick={() => onResize(usual)}
    />
  );
}
