import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { closeUp, closeUpSoon } from './name-gap.ts';
import { cutOf, piecesOf, visibleName } from './name-text.ts';
import classes from './name.module.css';

export { visibleName };

/** Folders of so few letters in all stay as they are. */
const shortFolders = 6;

interface NameProps {
  /** A name, or a path of `/`-separated names. */
  readonly text: string;
  /** Whether the text is a path: its names are kept apart, and its last one stays in sight. */
  readonly path?: boolean;
  /** Over how many lines it may run; `1` by default, shortened in the middle; `all` for as many as it takes. */
  readonly lines?: number | 'all';
}

/**
 * A name of a file, folder, source or store: never as HTML, in its own writing direction, with everything invisible made
 * visible. What does not fit is shortened in the middle, and whole on hover or when what holds it has the focus (`tip.tsx`).
 */
export function Name({ text, path = false, lines = 1 }: NameProps): ReactNode {
  if (lines === 'all')
    return (
      <span className={classes['all']} dir={path ? 'ltr' : 'auto'}>
        {path ? <Parts path={text} /> : <Pieces text={text} />}
      </span>
    );
  if (lines > 1)
    return (
      <span
        className={classes['lines']}
        style={{ WebkitLineClamp: lines }}
        dir={path ? 'ltr' : 'auto'}
        data-tip={visibleName(text)}
        data-tip-cut="lines"
      >
        {path ? <Parts path={text} /> : <Pieces text={text} />}
      </span>
    );
  const slash = path ? text.lastIndexOf('/', text.length - 2) : -1;
  const last = slash > 0 ? text.slice(slash + 1) : text;
  const cut = cutOf(last);
  const whole = visibleName(text);
  if (slash <= 0 && cut === last.length)
    return (
      <bdi className={classes['name']} dir="auto" data-tip={whole} data-tip-cut="line">
        <span className={classes['head']}>
          <Pieces text={text} />
        </span>
      </bdi>
    );
  return <Shortened text={text} slash={slash} last={last} cut={cut} whole={whole} />;
}

/** A name of several boxes, some of which give way where there is no room for all. */
function Shortened({
  text,
  slash,
  last,
  cut,
  whole,
}: {
  readonly text: string;
  readonly slash: number;
  readonly last: string;
  readonly cut: number;
  readonly whole: string;
}): ReactNode {
  const name = useRef<HTMLElement>(null);
  useLayoutEffect(() => (name.current === null ? undefined : closeUp(name.current)), []);
  // Its boxes are used again: lists change dozens of names a frame.
  const drawn = useRef(text);
  useLayoutEffect(() => {
    if (drawn.current === text || name.current === null) return;
    drawn.current = text;
    closeUpSoon(name.current);
  }, [text]);
  return (
    <bdi ref={name} className={classes['name']} dir={slash > 0 ? 'ltr' : 'auto'} data-tip={whole} data-tip-cut="line">
      {/* Several boxes would be read as several words. */}
      <span className="unseen">{whole}</span>
      {slash > 0 && (
        <>
          <span className={classes['folders']} data-short={slash <= shortFolders} data-shortened aria-hidden>
            <Parts path={text.slice(0, slash)} />
          </span>
          <span className={classes['tail']} aria-hidden>
            /
          </span>
        </>
      )}
      <bdi className={classes['last']} dir="auto" aria-hidden>
        <span className={classes['head']} data-shortened>
          <Pieces text={last.slice(0, cut)} part={cut < last.length ? 'start' : 'whole'} />
        </span>
        {cut < last.length && (
          <span className={classes['tail']}>
            <Pieces text={last.slice(cut)} part="end" />
          </span>
        )}
      </bdi>
    </bdi>
  );
}

/** The names of a path, each in its own direction, so that they keep their order. */
function Parts({ path }: { readonly path: string }): ReactNode {
  return path.split('/').map((part, at) => (
    <span key={at}>
      {at > 0 && '/'}
      <bdi>
        <Pieces text={part} />
      </bdi>
    </span>
  ));
}

function Pieces({ text, part }: { readonly text: string; readonly part?: 'whole' | 'start' | 'end' }): ReactNode {
  return piecesOf(text, part).map((piece, at) =>
    piece.symbol ? (
      <span key={at} className={classes['symbol']}>
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
}
