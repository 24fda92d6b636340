import { ActionIcon, Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import type { DayOfChanges } from '../../../shared/contract/shapes.ts';
import { useNow } from '../../parts/figures.tsx';
import {
  axisOf,
  barsOf,
  momentAfter,
  momentBefore,
  namedSlices,
  positionOf,
  sliceAt,
  sliceEnd,
  sliceOf,
  sumsOf,
  type Axis,
  type Bar,
  type Sums,
} from './histogram.ts';
import { MomentField } from './moment-field.tsx';
import { changeWords, momentText, sliceLabel, sliceText } from './moments.ts';
import classes from './time-slider.module.css';

const height = 46;
/** Pixels beside a bar within which a press means it, and not the slice there. */
const reach = 4;
/** Pixels that a name below the drawing takes at most. */
const nameRoom = 92;
const minuteMs = 60_000;
const noChange: Sums = { added: 0, changed: 0, deleted: 0, moved: 0 };
const kinds = ['added', 'changed', 'moved', 'deleted'] as const;

interface TimeSliderProps {
  /** The days, or the quarters of an hour, in which something changed, oldest first. */
  readonly days: readonly DayOfChanges[];
  /** When runs had recorded what they found, oldest first; those around the moment that is shown. */
  readonly moments: readonly number[];
  /** The moment that is shown; `null`: now. */
  readonly at: number | null;
  /** Told while a person is still choosing. */
  readonly onMove: (at: number | null) => void;
  /** Told when it is chosen. */
  readonly onChoose: (at: number | null) => void;
}

/**
 * Goes back in time: a slider over how much changed on which day. Arrow keys go from one moment at which something was
 * recorded to the next, Page Up and Down from one bar to the next, Home to the first moment, End to now; a date can be typed.
 */
export function TimeSlider({ days, moments, at, onMove, onChoose }: TimeSliderProps): ReactNode {
  const now = useNow(minuteMs);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [hover, setHover] = useState<number>();
  const dragging = useRef(false);
  const axis = useMemo(() => axisOf(days, now), [days, now]);
  const sums = useMemo(() => sumsOf(days, axis), [days, axis]);
  const bars = useMemo(() => (width > 0 ? barsOf(sums, axis, width) : []), [sums, axis, width]);
  // What was recorded within this minute is past, too: the clock of this drawing goes by minutes.
  const present = now + minuteMs;
  const earlier = momentBefore(at, moments, present);
  const x = positionOf(at, axis, width);
  const sliceUnder = (event: PointerEvent<HTMLDivElement>) =>
    sliceAt(event.clientX - event.currentTarget.getBoundingClientRect().left, bars, axis, width, reach);
  const choose = (moment: number | null | undefined) => {
    if (moment !== undefined && moment !== at) onChoose(moment);
  };
  const later = () => (at === null ? undefined : momentAfter(at, moments, present));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowDown') choose(earlier);
    else if (event.key === 'ArrowRight' || event.key === 'ArrowUp') choose(later());
    else if (event.key === 'PageUp') choose(barBefore(at, sums, axis));
    else if (event.key === 'PageDown') choose(at === null ? undefined : barAfter(at, sums, axis));
    else if (event.key === 'Home') choose(firstMoment(moments, sums, axis, present));
    else if (event.key === 'End') choose(null);
    else return;
    event.preventDefault();
  };
  const slice = hover ?? (at === null ? undefined : sliceOf(axis, at));
  const wordsOf = (of: number) => `${sliceText(axis, of)}: ${changeWords(sums.get(of) ?? noChange)}`;
  return (
    <section className={classes['slider']} data-past={at !== null} aria-label="Point in time">
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Previous moment with changes"
        data-tip="Previous moment with changes"
        disabled={earlier === undefined}
        onClick={() => choose(earlier)}
      >
        <IconChevronLeft size={18} aria-hidden />
      </ActionIcon>
      <div
        ref={ref}
        className={classes['track']}
        role="slider"
        tabIndex={0}
        aria-label="Point in time"
        aria-valuemin={axis.from}
        aria-valuemax={axis.now}
        aria-valuenow={at ?? axis.now}
        aria-valuetext={at === null ? 'Now' : `${momentText(at)}. ${wordsOf(sliceOf(axis, at))}`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          dragging.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
          onMove(sliceEnd(axis, sliceUnder(event)));
        }}
        onPointerMove={(event) => {
          const under = sliceUnder(event);
          setHover(under);
          if (dragging.current) onMove(sliceEnd(axis, under));
        }}
        onPointerUp={(event) => {
          if (!dragging.current) return;
          dragging.current = false;
          onChoose(sliceEnd(axis, sliceUnder(event)));
        }}
        onPointerCancel={() => {
          dragging.current = false;
          onChoose(at);
        }}
        onPointerLeave={() => setHover(undefined)}
      >
        <svg className={classes['drawing']} aria-hidden>
          {hover !== undefined && (
            <rect
              x={(hover / axis.count) * width}
              width={Math.max(1, width / axis.count)}
              y={0}
              height={height}
              className={classes['hover']}
            />
          )}
          <Bars bars={bars} />
          {at !== null && (
            <rect x={x} y={0} width={Math.max(0, width - x)} height={height} className={classes['later']} />
          )}
          <line x1={x} x2={x} y1={0} y2={height} className={classes['hand']} />
          <circle cx={x} cy={height} r={6} className={classes['knob']} />
        </svg>
      </div>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Next moment with changes"
        data-tip="Next moment with changes"
        disabled={at === null}
        onClick={() => choose(later())}
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
        <Button
          className={classes['back'] ?? ''}
          variant={at === null ? 'default' : 'filled'}
          disabled={at === null}
          onClick={() => onChoose(null)}
        >
          Back to now
        </Button>
      </div>
      <Scale axis={axis} width={width} />
      <div className={classes['words']}>
        <span role="status">
          {at === null ? (
            'The files as they are now'
          ) : (
            <>
              The files as they were on <b>{momentText(at)}</b>
            </>
          )}
        </span>
        <span className={classes['caption']}>
          {slice === undefined ? (
            <>
              {kinds.map(
                (kind) =>
                  (kind !== 'moved' || bars.some(({ moved }) => moved > 0)) && (
                    <span key={kind} className={classes['key']}>
                      <span className={classes['sample']} data-kind={kind} />{' '}
                      {kind === 'moved' ? 'renamed or moved' : kind}
                    </span>
                  ),
              )}
            </>
          ) : (
            wordsOf(slice)
          )}
        </span>
      </div>
    </section>
  );
}

/** The end of the last slice with changes before a moment. */
function barBefore(at: number | null, sums: ReadonlyMap<number, Sums>, axis: Axis): number | undefined {
  let found: number | undefined;
  for (const slice of sums.keys()) {
    const end = sliceEnd(axis, slice);
    if (end !== null && end < (at ?? axis.now) && end > (found ?? -Infinity)) found = end;
  }
  return found;
}

/** The end of the next slice with changes; `null` is now. */
function barAfter(at: number, sums: ReadonlyMap<number, Sums>, axis: Axis): number | null {
  let found: number | null = null;
  for (const slice of sums.keys()) {
    const end = sliceEnd(axis, slice);
    if (end !== null && end > at && end < (found ?? Infinity)) found = end;
  }
  return found;
}

function firstMoment(
  moments: readonly number[],
  sums: ReadonlyMap<number, Sums>,
  axis: Axis,
  present: number,
): number | null | undefined {
  if (sums.size === 0) return undefined;
  let first = axis.count - 1;
  for (const slice of sums.keys()) first = Math.min(first, slice);
  const [moment] = moments;
  // Of a long history, the moments that are here do not reach back to its beginning.
  return moment !== undefined && moment < present && sliceOf(axis, moment) === first ? moment : sliceEnd(axis, first);
}

function Bars({ bars }: { readonly bars: readonly Bar[] }): ReactNode {
  const paths = { added: '', changed: '', moved: '', deleted: '' };
  for (const bar of bars) {
    let bottom = height;
    const left = (bar.middle - bar.width / 2).toFixed(1);
    for (const kind of kinds) {
      const tall = bar[kind] * (height - 4);
      if (tall <= 0) continue;
      // A lone change is to be seen too.
      const drawn = Math.max(2, tall);
      paths[kind] +=
        `M${left} ${bottom.toFixed(1)}h${bar.width.toFixed(1)}v${(-drawn).toFixed(1)}h${(-bar.width).toFixed(1)}z`;
      bottom -= drawn;
    }
  }
  return kinds.map((kind) => <path key={kind} d={paths[kind]} className={classes[kind]} />);
}

/** The names of slices, each under the middle of its own. */
function Scale({ axis, width }: { readonly axis: Axis; readonly width: number }): ReactNode {
  return (
    <div className={classes['scale']} aria-hidden>
      {namedSlices(axis, width, nameRoom).map((slice) => (
        <span key={slice} className={classes['tick']} style={{ left: `${((slice + 0.5) / axis.count) * 100}%` }}>
          {sliceLabel(axis, slice)}
        </span>
      ))}
    </div>
  );
}
