import { Anchor, Button, UnstyledButton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { FileVersion } from '../../../../shared/contract/shapes.ts';
import { dotsOfVersion, Mark } from '../../../parts/copies.tsx';
import { Bytes, bytesText, counted, countText, When } from '../../../parts/figures.tsx';
import { Name } from '../../../parts/name.tsx';
import { changeOf } from './version-change.ts';
import classes from './panel.module.css';

/** Versions shown at first, and more at each press; a file that changes each half hour has thousands. */
const step = 30;

/** Every version of a file, the newest first, with what changed and where its copies are. */
export function Versions({
  versions,
  path,
  shown,
  onShow,
}: {
  readonly versions: readonly FileVersion[];
  readonly path: string;
  /** The number of the version that the preview shows. */
  readonly shown: number;
  readonly onShow: (version: number) => void;
}): ReactNode {
  const [limit, setLimit] = useState(step);
  const newestFirst = versions.toSorted((a, b) => b.number - a.number);
  return (
    <>
      <ol className={classes['versions']} reversed>
        {newestFirst.slice(0, limit).map((version, index) => (
          <li
            key={version.number}
            className={classes['version']}
            data-shown={version.number === shown}
            data-deleted={version.deleted}
          >
            <UnstyledButton
              className={classes['pick'] ?? ''}
              disabled={version.deleted}
              aria-pressed={version.number === shown}
              onClick={() => onShow(version.number)}
            >
              <span className={classes['line']}>
                <span className={classes['number']}>
                  {version.deleted ? 'Deleted' : `Version ${countText(version.number)}`}
                  {index === 0 && !version.deleted && ' (newest)'}
                </span>
                {version.number === shown ? (
                  <span className={classes['shown']}>shown above</span>
                ) : (
                  !version.deleted && (
                    <span className={classes['offer']} aria-hidden>
                      show
                    </span>
                  )
                )}
              </span>
              <span className={classes['when']}>
                <When at={version.firstSeen} form="minute" />
              </span>
              <span className={classes['what']}>
                <Change version={version} versions={versions} path={path} />
              </span>
            </UnstyledButton>
            {!version.deleted && <CopiesOf version={version} />}
          </li>
        ))}
      </ol>
      {versions.length > limit && (
        <Button variant="default" onClick={() => setLimit(limit + step)}>
          Show {counted(Math.min(step, versions.length - limit), 'older version')}
        </Button>
      )}
    </>
  );
}

function Change({
  version,
  versions,
  path,
}: {
  readonly version: FileVersion;
  readonly versions: readonly FileVersion[];
  readonly path: string;
}): ReactNode {
  const change = changeOf(version, versions, path);
  switch (change.kind) {
    case 'deleted':
      return 'The file was no longer in the source. Its earlier versions are kept.';
    case 'first':
      return (
        <>
          First seen, <Bytes value={version.size} />
        </>
      );
    case 'moved':
      return (
        <>
          {change.how === 'renamed' ? 'Renamed from ' : 'Moved from '}
          <Name text={change.from} path lines={2} />
        </>
      );
    case 'back':
      return (
        <>
          Came back, <Bytes value={version.size} />
          {change.size !== 0 &&
            ` (${bytesText(Math.abs(change.size))} ${change.size > 0 ? 'more' : 'less'} than before)`}
        </>
      );
    case 'bigger':
    case 'smaller':
      return (
        <>
          Changed, <Bytes value={version.size} /> ({bytesText(change.size)} {change.kind === 'bigger' ? 'more' : 'less'}
          )
        </>
      );
    case 'same-size':
      return (
        <>
          Changed, still <Bytes value={version.size} />
        </>
      );
    case 'same-bytes':
      return 'Same content; its date or its rights changed';
  }
}

/** A version's copies: how each stands, when it was last checked, and its page in the store where it has one. */
function CopiesOf({ version }: { readonly version: FileVersion }): ReactNode {
  if (version.copies.length === 0)
    return <div className={classes['copies']}>No copy of this version has been made yet.</div>;
  const dots = dotsOfVersion(version);
  return (
    <ul className={classes['copies']} aria-label="Copies">
      {version.copies.map((copy, index) => {
        const dot = dots[index];
        return (
          <li key={copy.store} className={classes['copy']}>
            <span data-tip={dot?.sentence}>{dot !== undefined && <Mark standing={dot.standing} />}</span>
            <span>
              <span className={classes['store']}>
                <Name text={copy.store} />
              </span>{' '}
              {dot?.words}
              {copy.checkedAt !== null ? (
                <>
                  , last verified <When at={copy.checkedAt} />
                </>
              ) : (
                copy.storedAt !== null && (
                  <>
                    , confirmed by checksum <When at={copy.storedAt} />
                  </>
                )
              )}
              {copy.webUrl !== null && (
                <>
                  {' '}
                  <Anchor href={copy.webUrl} target="_blank" rel="noopener noreferrer" inherit>
                    {copy.kind === 'drive' ? 'Show in Drive' : 'Show in the store'}
                  </Anchor>
                </>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
