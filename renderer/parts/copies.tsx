import type { ReactNode } from 'react';
import type { FileVersion, SourceCopy, SourceShape } from '../../shared/contract/shapes.ts';
import type { CopyState } from '../../shared/domain.ts';
import { counted, minuteText } from './figures.tsx';
import { Name, visibleName } from './name.tsx';
import classes from './copies.module.css';

/** How a copy stands, at a glance: shape, colour and words say the same. */
export type Standing = 'original' | 'good' | 'coming' | 'waiting' | 'bad' | 'away';

/** One dot: where the copy is, and how it stands. */
export interface Dot {
  readonly key: string;
  readonly label: string;
  readonly standing: Standing;
  /** `complete`, `12 copies to be made`: below the label, and read out with it. */
  readonly words: string;
  /** The whole of it, on hover. */
  readonly sentence: string;
}

/** An open folder (no copy, but what is copied), a filled dot with a tick, a ring that is closing, an empty ring, a square with a cross, a broken ring. */
export function Mark({ standing, size = 16 }: { readonly standing: Standing; readonly size?: number }): ReactNode {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden
      className={classes['mark']}
      data-standing={standing}
    >
      {standing === 'original' && (
        <path d="M1.2 13V3.4h4.6l1.7 2h7.3V13z" strokeLinejoin="round" className={classes['ring']} />
      )}
      {standing === 'good' && (
        <>
          <circle cx="8" cy="8" r="7.5" className={classes['fill']} />
          <path d="M4.6 8.3l2.3 2.3 4.5-5" className={classes['sign']} />
        </>
      )}
      {standing === 'coming' && (
        <>
          <circle cx="8" cy="8" r="6.6" className={classes['ring']} />
          <path d="M8 3.2a4.8 4.8 0 0 1 0 9.6z" className={classes['fill']} />
        </>
      )}
      {standing === 'waiting' && (
        <>
          <path d="M8 .9L15.6 14.6H.4z" className={classes['fill']} />
          <path d="M8 5.6v4M8 11.7v1" className={classes['sign']} />
        </>
      )}
      {standing === 'bad' && (
        <>
          <rect x=".7" y=".7" width="14.6" height="14.6" rx="2" className={classes['fill']} />
          <path d="M5 5l6 6M11 5l-6 6" className={classes['sign']} />
        </>
      )}
      {standing === 'away' && <circle cx="8" cy="8" r="6.4" strokeDasharray="2.6 2.4" className={classes['ring']} />}
    </svg>
  );
}

/**
 * A thing and its copies as a row of dots, the folder itself first where it is among them.
 * @param compact dots alone, with the words read out and on hover; for narrow rows.
 */
export function Copies({
  dots,
  compact = false,
}: {
  readonly dots: readonly Dot[];
  readonly compact?: boolean;
}): ReactNode {
  return (
    <ul className={classes['row']} data-compact={compact} aria-label="Copies">
      {dots.map((dot) => (
        <li key={dot.key} className={classes['dot']} data-tip={dot.sentence}>
          <Mark standing={dot.standing} />
          {compact ? (
            <span className="unseen">
              {visibleName(dot.label)}: {dot.words}
            </span>
          ) : (
            <span className={classes['words']}>
              <span className={classes['label']}>
                <Name text={dot.label} />
              </span>
              <span className={classes['state']}>{dot.words}</span>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function storeDot(copy: SourceCopy): Dot {
  const label = copy.store;
  const name = visibleName(label);
  const base = { key: `store ${label}`, label };
  switch (copy.state) {
    case 'complete':
      return {
        ...base,
        standing: 'good',
        words: 'complete',
        sentence: `${name} has every version of every file: ${counted(copy.stored, 'copy', 'copies')}, ${
          copy.verified === 0
            ? 'each confirmed by a checksum when it was made'
            : `${counted(copy.verified, 'copy', 'copies')} checked again since`
        }.`,
      };
    case 'behind':
      return {
        ...base,
        standing: 'coming',
        words: `${counted(copy.pending, 'copy', 'copies')} to go`,
        sentence: `${counted(copy.pending, 'copy', 'copies')} still to be made in ${name}.`,
      };
    case 'stopped':
      return {
        ...base,
        standing: 'waiting',
        words: 'needs you',
        sentence: copy.problem?.message ?? `Copying to ${name} has stopped until a person has seen to it.`,
      };
    case 'damaged':
      return {
        ...base,
        standing: 'bad',
        words: `${counted(copy.bad, 'copy', 'copies')} bad`,
        sentence: `${counted(copy.bad, 'copy', 'copies')} in ${name} missing or damaged. Other copies of the same files are not affected.`,
      };
  }
}

/** A source's dots: the folder itself, which is no copy, then each store. */
export function dotsOfSource(source: Pick<SourceShape, 'reachable' | 'copies' | 'root'>): readonly Dot[] {
  return [
    source.reachable
      ? {
          key: 'folder',
          label: 'Your folder',
          standing: 'original',
          words: 'there',
          sentence: `What the copies are made of: ${visibleName(source.root)}`,
        }
      : {
          key: 'folder',
          label: 'Your folder',
          standing: 'away',
          words: 'not there',
          sentence: `The folder cannot be seen now: ${visibleName(source.root)}. Nothing is taken as deleted.`,
        },
    ...source.copies.map(storeDot),
  ];
}

const states: Record<CopyState, { readonly standing: Standing; readonly words: string }> = {
  pending: { standing: 'coming', words: 'to be made' },
  stored: { standing: 'good', words: 'stored' },
  verified: { standing: 'good', words: 'verified' },
  archived: { standing: 'good', words: 'in the archive' },
  thawing: { standing: 'coming', words: 'being fetched from the archive' },
  missing: { standing: 'bad', words: 'missing' },
  corrupt: { standing: 'bad', words: 'damaged' },
};

/** A version's dots: one for each store's copy. */
export function dotsOfVersion(version: Pick<FileVersion, 'copies'>): readonly Dot[] {
  return version.copies.map((copy) => {
    const { standing, words } = states[copy.state];
    const name = visibleName(copy.store);
    const stored = copy.storedAt === null ? '' : ` Copied on ${minuteText(copy.storedAt)}.`;
    const checked =
      copy.checkedAt === null
        ? ''
        : ` Last checked on ${minuteText(copy.checkedAt)}${copy.checkedHow === null ? '' : ` (${copy.checkedHow})`}.`;
    return {
      key: `store ${copy.store}`,
      label: copy.store,
      standing,
      words,
      sentence: `${name}: ${words}.${stored}${checked}`,
    };
  });
}
