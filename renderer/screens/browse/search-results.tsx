import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import type { Found } from '../../../shared/contract/shapes.ts';
import { baseName, folderOf } from '../../../shared/names.ts';
import { query } from '../../app/rpc.ts';
import { Empty } from '../../parts/empty.tsx';
import { Bytes, counted, countText, When } from '../../parts/figures.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { FileIcon } from './file-icon.tsx';
import classes from './search-results.module.css';

const hitHeight = 60;
const mostFound = 200;
/** Answers of earlier letters are kept this long, in milliseconds, for who takes a letter back. */
const keptMs = 20_000;

/**
 * What is asked for while a person types: the newest text, a frame at a time. An answer to an older text is cancelled.
 * @returns the text that is to be asked for.
 */
export function useTextByFrame(text: string): string {
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setAsked(text));
    return () => cancelAnimationFrame(frame);
  }, [text]);
  return asked;
}

/** What was found in all sources, at all times. */
export function SearchResults({
  text,
  boxRef,
  onChoose,
  onLeave,
}: {
  readonly text: string;
  readonly boxRef: Ref<HTMLDivElement>;
  readonly onChoose: (hit: Found) => void;
  /** Back to the field. */
  readonly onLeave: () => void;
}): ReactNode {
  const asked = useTextByFrame(text.trim());
  const search = useQuery({
    ...query.browse.search.queryOptions({ input: { text: asked, limit: mostFound } }),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
    gcTime: keptMs,
  });
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const [activeText, setActiveText] = useState(asked);
  const found = search.data?.found ?? [];
  if (activeText !== asked) {
    setActiveText(asked);
    setActive(0);
  }
  const current = Math.min(active, Math.max(0, found.length - 1));
  const virtual = useVirtualizer({
    count: found.length,
    getScrollElement: () => box.current,
    estimateSize: () => hitHeight,
    overscan: 5,
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(count - 1, endIndex + overscan);
      const range = Array.from({ length: Math.max(0, to - from + 1) }, (_, step) => from + step);
      if (current < from) range.unshift(current);
      if (current > to && current < count) range.push(current);
      return range;
    },
  });
  if (search.isError)
    return (
      <ProblemNote
        problem={problemOf(search.error)}
        action={{ label: 'Try again', run: () => void search.refetch(), busy: search.isFetching }}
      />
    );
  if (search.data === undefined) return <RowsLoading label="Searching…" height={hitHeight} />;
  const more = search.data.more;
  if (found.length === 0)
    return (
      <div role="status">
        <Empty drawing="search" title="Nothing found">
          No file or folder in any source has, or ever had, “<Name text={asked} />” in its name.
        </Empty>
      </div>
    );
  const go = (to: number) => {
    const next = Math.max(0, Math.min(found.length - 1, to));
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / hitHeight) - 1);
    const hit = found[current];
    if (event.key === 'ArrowDown') go(current + 1);
    else if (event.key === 'ArrowUp') {
      if (current === 0) onLeave();
      else go(current - 1);
    } else if (event.key === 'PageDown') go(current + page);
    else if (event.key === 'PageUp') go(current - page);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(found.length - 1);
    else if (event.key === 'Escape') onLeave();
    else if (event.key === 'Enter' || event.key === ' ') {
      if (hit !== undefined) onChoose(hit);
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <div className={classes['note']} role="status">
        {more
          ? `The first ${countText(found.length)} are shown. Type more of the name to find fewer.`
          : `${counted(found.length, 'file or folder', 'files and folders')} found, at all times, in all sources.`}
      </div>
      <div
        ref={(element) => {
          box.current = element;
          if (typeof boxRef === 'function') boxRef(element);
          else if (boxRef !== null) boxRef.current = element;
        }}
        role="listbox"
        aria-label="Found"
        aria-activedescendant={`${id}-${current}`}
        aria-busy={search.isPlaceholderData}
        tabIndex={0}
        className={classes['results']}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" className={classes['sizer']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const hit = found[index];
            if (hit === undefined) return null;
            return (
              <div
                key={`${hit.source}\n${hit.path}`}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === current}
                aria-posinset={index + 1}
                aria-setsize={found.length}
                data-active={index === current}
                className={classes['hit']}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => onChoose(hit)}
              >
                <FileIcon name={hit.path} folder={hit.kind === 'folder'} className={classes['icon']} />
                <div className={classes['name']}>
                  <span className={`${classes['text'] ?? ''} ${hit.present ? '' : (classes['deleted'] ?? '')}`}>
                    <Marked text={hit.path === '' ? hit.source : baseName(hit.path)} wanted={asked} />
                  </span>
                  {!hit.present && <span className={classes['label']}>Deleted</span>}
                </div>
                <div className={classes['place']}>
                  {hit.path !== '' && (
                    <>
                      in <Marked text={joined(hit.source, folderOf(hit.path))} wanted={asked} path />
                    </>
                  )}
                </div>
                <div className={classes['figures']}>
                  {hit.size !== null && (
                    <div>
                      <Bytes value={hit.size} />
                    </div>
                  )}
                  <div>
                    {hit.kind === 'file' && counted(hit.versions, 'version')}
                    {hit.kind === 'file' && !hit.present && hit.lastSeen !== null && ' · '}
                    {!hit.present && hit.lastSeen !== null && (
                      <>
                        found missing on <When at={hit.lastSeen} form="day" />
                      </>
                    )}
                  </div>
                </div>
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

function joined(source: string, folder: string): string {
  return folder === '' ? source : `${source}/${folder}`;
}

/** A name with what was searched for marked in it, where it is in it as it was typed; shortened at its end. */
function Marked({
  text,
  wanted,
  path = false,
}: {
  readonly text: string;
  readonly wanted: string;
  readonly path?: boolean;
}): ReactNode {
  const shown = visibleName(text);
  const at = wanted === '' ? -1 : shown.toLowerCase().indexOf(wanted.toLowerCase());
  // A letter that has another length in lower case would put the mark beside what it is about.
  if (at < 0 || shown.toLowerCase().length !== shown.length) return <Name text={text} path={path} />;
  return (
    <bdi className={classes['marked']} dir={path ? 'ltr' : 'auto'} data-tip={shown} data-tip-cut="line">
      {shown.slice(0, at)}
      <mark>{shown.slice(at, at + wanted.length)}</mark>
      {shown.slice(at + wanted.length)}
    </bdi>
  );
}
