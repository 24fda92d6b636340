import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SourceShape } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { When } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { massWords } from '../../parts/run-words.ts';
import classes from './accept-changes.module.css';

/** Shows what a run saw that stopped before a mass change, and has it copied only if a person says that it is right. */
export function AcceptChanges({
  source,
  onClose,
}: {
  /** `undefined` while nothing is asked. */
  readonly source: SourceShape | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const run = source?.lastRun ?? null;
  const questioned = run?.questioned ?? null;
  const name = source === undefined ? '' : visibleName(source.name);
  return (
    <Confirm
      opened={source !== undefined}
      title={`Are these changes to ${name} right?`}
      action="They are right: copy them"
      onClose={onClose}
      run={async () => {
        if (source === undefined) return;
        await engine.sources.sync({ name: source.name, acceptChanges: true });
        tell(`The changes to ${name} are being copied.`);
      }}
    >
      {questioned === null ? (
        <Text>
          The last run of {name} no longer waits for an answer. It is looked through again, and what it finds is copied.
        </Text>
      ) : (
        <>
          <Text>
            The run {run !== null && <When at={run.startedAt} />} saw more changes at once than is usual:{' '}
            <strong>{massWords(questioned)}</strong>. It copied none of them. Changes like these are what a person
            tidying up makes, and also what malicious software makes.
          </Text>
          {questioned.examples.length > 0 && (
            <div>
              <Text fw={600}>Some of them</Text>
              <ul className={classes['examples']} tabIndex={0} aria-label="Some of the files that changed or are gone">
                {questioned.examples.map((path) => (
                  <li key={path}>
                    <Name text={path} path />
                  </li>
                ))}
              </ul>
            </div>
          )}
        </>
      )}
      <Text>
        If they are right, they are copied now. Every earlier version is kept in the stores, and can be restored. If you
        did not expect them, close this and look at the folder first: the copies stay as they are until you decide.
      </Text>
    </Confirm>
  );
}
