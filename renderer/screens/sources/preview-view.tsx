import { Loader, Skeleton, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { bytesText, Bytes, Count, counted as countedText, countText } from '../../parts/figures.tsx';
import { Name } from '../../parts/name.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import type { Preview } from './use-preview.ts';
import classes from './sources.module.css';

type LeftOut = NonNullable<NonNullable<Preview['counted']>['leftOutBy']>[number];

const reasons: Record<LeftOut['why'], string> = {
  link: 'links and other things that are no files',
  litter: 'the usual litter',
  rule: 'by your rules',
};

/** What the rules take in, while it is being counted and afterwards. */
export function PreviewView({ preview }: { readonly preview: Preview }): ReactNode {
  const { counted, stale, problem } = preview;
  if (problem !== undefined) return <ProblemNote problem={problem} />;
  if (counted === undefined) {
    return (
      <div className={classes['preview']} role="status">
        <span className="unseen">The files are being counted.</span>
        <Skeleton height={30} width="55%" />
        <Skeleton height={16} width="80%" mt={12} />
      </div>
    );
  }
  const counting = stale || !counted.done;
  const leftOutBy = counted.leftOutBy ?? [];
  return (
    <div className={classes['preview']} data-stale={stale}>
      <div className={classes['figures']} aria-hidden={counting}>
        <Figure label={counted.files === 1 ? 'file would be protected' : 'files would be protected'}>
          <Count value={counted.files} />
        </Figure>
        <Figure label="in all">
          <Bytes value={counted.bytes} />
        </Figure>
        <Figure label={counted.folders === 1 ? 'folder' : 'folders'}>
          <Count value={counted.folders} />
        </Figure>
        <Figure label="left out">
          <Count value={counted.leftOut} />
        </Figure>
      </div>
      <Text size="sm" c="var(--quiet)" role="status" className={classes['counting']}>
        {counting ? (
          <>
            <Loader size={14} aria-hidden /> Still counting; you can go on meanwhile.
          </>
        ) : (
          <span className="unseen">
            Counted: {countedText(counted.files, 'file')}, {bytesText(counted.bytes)},{' '}
            {countedText(counted.leftOut, 'thing')} left out.
          </span>
        )}
      </Text>
      {counted.done && !stale && counted.files === 0 && (
        <Text c="var(--warn)">
          There is nothing to protect yet. That is fine if files are still to come; otherwise look at the folder and the
          rules.
        </Text>
      )}
      {(counted.largest.length > 0 || leftOutBy.length > 0) && (
        <div className={classes['examples']}>
          {counted.largest.length > 0 && (
            <Stack gap={4} className={classes['example']}>
              <Text size="sm" fw={600}>
                Largest files
              </Text>
              <ul className={classes['plain']}>
                {counted.largest.map(({ path, size }) => (
                  <li key={path} className={classes['sized']}>
                    <Name text={path} path />
                    <Text span size="sm" c="var(--quiet)">
                      <Bytes value={size} />
                    </Text>
                  </li>
                ))}
              </ul>
            </Stack>
          )}
          {leftOutBy.length > 0 && (
            <Stack gap={10} className={classes['example']}>
              {leftOutBy.map(({ why, amount, examples }) => (
                <Stack gap={4} key={why}>
                  <Text size="sm" fw={600}>
                    Left out: {reasons[why]}
                  </Text>
                  <ul className={classes['plain']}>
                    {examples.map((path) => (
                      <li key={path} className={classes['sized']}>
                        <Name text={path} path />
                      </li>
                    ))}
                  </ul>
                  {amount > examples.length && (
                    <Text size="sm" c="var(--quiet)">
                      and {countText(amount - examples.length)} more
                    </Text>
                  )}
                </Stack>
              ))}
            </Stack>
          )}
        </div>
      )}
    </div>
  );
}

function Figure({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={classes['figure']}>
      <span className={classes['number']}>{children}</span>
      <span className={classes['label']}>{label}</span>
    </div>
  );
}
