import { IconChevronRight, IconFolder, IconFolderOpen, IconServer2 } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { readClock } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { useFolderTree } from './tree.ts';
import { lineTyped, treeMove } from './tree-nodes.ts';
import classes from './tree.module.css';

const lineHeight = 32;
const indent = 16;
/** Pixels of a line before its name, and of a name at least: what lies deeper is reached by scrolling sideways. */
const beforeName = 54;
const narrowestName = 120;
/** Milliseconds after which typing begins a new name. */
const typingPause = 700;

/** The folders of a source as of a moment. Keyboard after the WAI-ARIA tree pattern. */
export function FolderTree({
  source,
  path,
  at,
  deleted,
  onChoose,
}: {
  readonly source: string;
  /** The folder that is shown beside it. */
  readonly path: string;
  readonly at: number | null;
  readonly deleted: boolean;
  readonly onChoose: (path: string) => void;
}): ReactNode {
  const tree = useFolderTree(source, path, at, deleted);
  const { lines } = tree;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [activePath, setActivePath] = useState(path);
  const [followed, setFollowed] = useState(path);
  const typed = useRef({ text: '', at: 0 });
  if (followed !== path) {
    setFollowed(path);
    setActivePath(path);
  }
  const found = lines.findIndex((line) => line.path === activePath);
  const active = found < 0 ? 0 : found;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 8,
    // The active line is named by `aria-activedescendant`, so it is always there.
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(count - 1, endIndex + overscan);
      const range = Array.from({ length: to - from + 1 }, (_, step) => from + step);
      if (active < from) range.unshift(active);
      if (active > to && active < count) range.push(active);
      return range;
    },
  });
  const shownLine = lines.findIndex((line) => line.path === path);
  useEffect(() => {
    if (shownLine >= 0) virtual.scrollToIndex(shownLine);
  }, [shownLine, virtual]);
  const shownIndent = ((lines[shownLine]?.level ?? 1) - 1) * indent;
  useEffect(() => {
    const tree = box.current;
    if (tree === null) return;
    const end = shownIndent + beforeName + narrowestName;
    // With the next frame, when the lines have the width that they are to be scrolled over.
    const frame = requestAnimationFrame(() => {
      if (end > tree.scrollLeft + tree.clientWidth || shownIndent < tree.scrollLeft)
        tree.scrollLeft = Math.max(0, end - tree.clientWidth);
    });
    return () => cancelAnimationFrame(frame);
  }, [shownIndent]);
  let deepest = 1;
  for (const { level } of lines) deepest = Math.max(deepest, level);
  const go = (to: number) => {
    const line = lines[to];
    if (line === undefined) return;
    setActivePath(line.path);
    virtual.scrollToIndex(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / lineHeight) - 1);
    const move = treeMove(event.key, lines, active, page);
    if (move !== undefined) {
      event.preventDefault();
      if (move.do === 'go') go(move.to);
      else if (move.do === 'open') tree.open(move.path);
      else if (move.do === 'close') tree.close(move.path);
      else onChoose(move.path);
    } else if (event.key.length === 1) {
      const now = readClock();
      const text = now - typed.current.at > typingPause ? event.key : typed.current.text + event.key;
      typed.current = { text, at: now };
      const to = lineTyped(lines, active, text);
      if (to >= 0) go(to);
    }
  };
  return (
    <>
      {tree.problem !== undefined && (
        <ProblemNote problem={problemOf(tree.problem)} action={{ label: 'Try again', run: tree.retry }} />
      )}
      <div
        ref={box}
        role="tree"
        aria-label="Folders"
        tabIndex={0}
        aria-activedescendant={`${id}-${active}`}
        className={classes['tree']}
        onKeyDown={onKeyDown}
      >
        <div
          className={classes['sizer']}
          style={{ height: virtual.getTotalSize(), minWidth: (deepest - 1) * indent + beforeName + narrowestName }}
          role="presentation"
        >
          {virtual.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            if (line === undefined) return null;
            const Icon = line.level === 1 ? IconServer2 : line.isOpen ? IconFolderOpen : IconFolder;
            return (
              <div
                key={line.path}
                id={`${id}-${index}`}
                role="treeitem"
                aria-level={line.level}
                aria-posinset={line.position}
                aria-setsize={line.siblings}
                aria-selected={line.path === path}
                aria-expanded={line.hasFolders ? line.isOpen : undefined}
                aria-busy={line.isLoading || undefined}
                data-active={index === active}
                className={classes['line']}
                style={{
                  transform: `translateY(${start}px)`,
                  paddingInlineStart: (line.level - 1) * indent,
                  minWidth: (line.level - 1) * indent + beforeName + narrowestName,
                }}
                onClick={() => {
                  setActivePath(line.path);
                  onChoose(line.path);
                }}
              >
                <span
                  className={classes['turner']}
                  data-open={line.isOpen}
                  onClick={(event) => {
                    if (!line.hasFolders) return;
                    event.stopPropagation();
                    if (line.isOpen) tree.close(line.path);
                    else tree.open(line.path);
                  }}
                >
                  {line.hasFolders && <IconChevronRight size={16} aria-hidden />}
                </span>
                <Icon size={18} stroke={1.6} aria-hidden className={classes['icon']} />
                <span
                  className={`${classes['name'] ?? ''} ${line.deleted ? (classes['deleted'] ?? '') : ''}`}
                  data-tip={visibleName(line.name)}
                  data-tip-cut="line"
                >
                  <Name text={line.name} lines="all" />
                </span>
                {line.deleted && <span className={classes['gone']}>deleted</span>}
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}
