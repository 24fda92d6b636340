import { ActionIcon, Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import type { DayOfChanges } from '../../../shared/contract/shapes.ts';
import { dayText, useNow } from '../../parts/figures.tsx';
import {
  barsOf,
  instantAt,
  momentAfter,
  momentAt,
  momentBefore,
  positionOf,
  spanOf,
  type Bar,
  type Span,
} from './histogram.ts';
import { MomentField } from './moment-field.tsx';
import { dayAt, dayWords, momentText } from './moments.ts';
import classes from './time-slider.module.css';

const height = 46;
/** Pixels within which a press means the bar and not the day beside it. */
const reach = 6;
/** Pixels that a date below the drawing takes at least. */
const tickRoom = 130;
const minuteMs = 60_000;

interface TimeSliderProps {
  /** The days on which something changed, oldest first. */
  readonly days: readonly DayOfChanges[];
  /** The moment that is shown; `null`: now. */
  readonly at: number | null;
  /** Told while a person is still choosing. */
  readonly onMove: (at: number | null) => void;
  /** Told when it is chosen. */
  readonly onChoose: (at: number | null) => void;
}

/**
 * Goes back in time: a slider over how much changed on which day. Arrow keys go from one day on which something happened to
 * the next, Home to the first one, End to now; a date can be typed.
 */
export function TimeSlider({ days, at, onMove, onChoose }: TimeSliderProps): ReactNode {
  const now = useNow(minuteMs);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [hover, setHover] = useState<number>();
  const dragging = useRef(false);
  const span = useMemo(() => spanOf(days, now), [days, now]);
  const bars = useMemo(() => (width > 0 ? barsOf(days, span, width) : []), [days, span, width]);
  const earlier = momentBefore(at, days, now);
  const x = positionOf(at ?? span.to, span, width);
  const momentUnder = (event: PointerEvent<HTMLDivElement>) =>
    momentAt(event.clientX - event.currentTarget.getBoundingClientRect().left, days, span, width, reach);
  const later = () => {
    if (at !== null) onChoose(momentAfter(at, days, now));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const first = days[0];
    if (event.key === 'ArrowLeft' || event.key === 'ArrowDown') {
      if (earlier !== undefined) onChoose(earlier);
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowUp') later();
    else if (event.key === 'Home') {
      if (first !== undefined) onChoose(momentAfter(first.day - 1, days, now));
    } else if (event.key === 'End') onChoose(null);
    else return;
    event.preventDefault();
  };
  const captionAt = hover ?? at;
  const captionDay = captionAt === null ? undefined : dayAt(days, captionAt);
  return (
    <section className={classes['slider']} aria-label="Point in time">
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Previous day with changes"
        data-tip="Previous day with changes"
        disabled={earlier === undefined}
        onClick={() => {
          if (earlier !== undefined) onChoose(earlier);
        }}
      >
        <IconChevronLeft size={18} aria-hidden />
      </ActionIcon>
      <div
        ref={ref}
        className={classes['track']}
        role="slider"
        tabIndex={0}
        aria-label="Point in time"
        aria-valuemin={span.from}
        aria-valuemax={span.to}
        aria-valuenow={at ?? span.to}
        aria-valuetext={at === null ? 'Now' : `${momentText(at)}: ${wordsOf(days, at)}`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          dragging.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
          onMove(momentUnder(event));
        }}
        onPointerMove={(event) => {
          const moment = momentUnder(event);
          setHover(moment ?? now);
          if (dragging.current) onMove(moment);
        }}
        onPointerUp={(event) => {
          if (!dragging.current) return;
          dragging.current = false;
          onChoose(momentUnder(event));
        }}
        onPointerCancel={() => {
          dragging.current = false;
          onChoose(at);
        }}
        onPointerLeave={() => setHover(undefined)}
      >
        <svg className={classes['drawing']} aria-hidden>
          <Bars bars={bars} />
          {at !== null && (
            <rect x={x} y={0} width={Math.max(0, width - x)} height={height} className={classes['later']} />
          )}
          {hover !== undefined && (
            <line
              x1={positionOf(hover, span, width)}
              x2={positionOf(hover, span, width)}
              y1={0}
              y2={height}
              className={classes['hover']}
            />
          )}
          <line x1={x} x2={x} y1={0} y2={height} className={classes['hand']} />
          <circle cx={x} cy={height} r={6} className={classes['knob']} />
        </svg>
      </div>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Next day with changes"
        data-tip="Next day with changes"
        disabled={at === null}
        onClick={later}
      >
        <IconChevronRight size={18} aria-hidden />
      </ActionIcon>
      <div className={classes['moment']}>
        <MomentField
          className={classes['date'] ?? ''}
          label="Date and time to look at"
          at={at ?? now}
          onChoose={(moment) => onChoose(moment >= now ? null : moment)}
        />
        <Button variant={at === null ? 'light' : 'filled'} disabled={at === null} onClick={() => onChoose(null)}>
          Now
        </Button>
      </div>
      <Scale span={span} width={width} />
      <div className={classes['caption']}>
        {captionAt === null ? (
          <>
            Drag the line to go back. <span className={classes['sample']} data-kind="added" /> added{' '}
            <span className={classes['sample']} data-kind="changed" /> changed{' '}
            <span className={classes['sample']} data-kind="deleted" /> deleted
          </>
        ) : (
          `${dayText(captionAt)}: ${captionDay === undefined ? 'nothing changed' : dayWords(captionDay)}`
        )}
      </div>
    </section>
  );
}

function wordsOf(days: readonly DayOfChanges[], at: number): string {
  const day = dayAt(days, at);
  return day === undefined ? 'nothing changed that day' : `${dayWords(day)} that day`;
}

function Bars({ bars }: { readonly bars: readonly Bar[] }): ReactNode {
  const paths = { added: '', changed: '', deleted: '' };
  for (const bar of bars) {
    let bottom = height;
    for (const kind of ['added', 'changed', 'deleted'] as const) {
      const tall = bar[kind] * (height - 4);
      if (tall <= 0) continue;
      // A lone change is to be seen too.
      const drawn = Math.max(2, tall);
      const breadth = Math.max(2, Math.min(bar.width - 1, 28));
      paths[kind] +=
        `M${bar.x.toFixed(1)} ${bottom.toFixed(1)}h${breadth.toFixed(1)}v${(-drawn).toFixed(1)}h${(-breadth).toFixed(1)}z`;
      bottom -= drawn;
    }
  }
  return (
    <>
      <path d={paths.added} className={classes['added']} />
      <path d={paths.changed} className={classes['changed']} />
      <path d={paths.deleted} className={classes['deleted']} />
    </>
  );
}

function Scale({ span, width }: { readonly span: Span; readonly width: number }): ReactNode {
  const count = Math.max(1, Math.min(6, Math.floor(width / tickRoom)));
  return (
    <div className={classes['scale']} aria-hidden>
      {Array.from({ length: count }, (_, step) => (
        <span key={step} className={classes['tick']} style={{ left: `${(step / count) * 100}%` }}>
          {dayText(instantAt((step / count) * width, span, Math.max(1, width)))}
        </span>
      ))}
      <span className={classes['tick']} data-end="true">
        now
      </span>
    </div>
  );
}
