import { Button, Modal, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { Problem, RunShape } from '../../../shared/contract/shapes.ts';
import { engine, query } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { Count, counted, When } from '../../parts/figures.tsx';
import { BlockLoading } from '../../parts/loading.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { massWords } from '../../parts/run-words.ts';
import classes from './accept-changes.module.css';

/** Which source asks, and the run that saw its changes. */
export interface Question {
  readonly source: string;
  readonly run: number | undefined;
}

type Questioned = NonNullable<RunShape['questioned']>;

/**
 * Shows what a run saw that stopped before a mass change, and asks which of the two is right: what is in the folder now,
 * or what was there before. Neither is the one to press without reading.
 */
export function AcceptChanges({
  question,
  onClose,
}: {
  /** `undefined` while nothing is asked. */
  readonly question: Question | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const name = question === undefined ? '' : visibleName(question.source);
  return (
    <Modal
      opened={question !== undefined}
      onClose={onClose}
      title={`Did somebody mean these changes to ${name}?`}
      size="lg"
    >
      {question !== undefined && <Asked question={question} onClose={onClose} />}
    </Modal>
  );
}

function Asked({
  question: { source, run: id },
  onClose,
}: {
  readonly question: Question;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  // The newest run before the next number is this one, if it is still remembered.
  const { data, error, refetch } = useQuery({
    ...query.runs.list.queryOptions({ input: { source, before: (id ?? 0) + 1, limit: 1 } }),
    enabled: id !== undefined,
  });
  const run = data?.runs.find((candidate) => candidate.id === id);
  const questioned = run?.questioned ?? null;
  const accept = async () => {
    setBusy(true);
    try {
      await engine.sources.sync({ name: source, acceptChanges: true });
      tell(`The changes to ${visibleName(source)} are being recorded.`);
      onClose();
    } catch (failure) {
      setProblem(problemOf(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes['words']}>
      {error !== null ? (
        <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />
      ) : id !== undefined && data === undefined ? (
        <BlockLoading height={120} label="The changes are on their way…" />
      ) : run === undefined || questioned === null ? (
        <Text>
          What was seen of {visibleName(source)} is no longer known. If you accept, a run looks at it again, and records
          and copies what has changed.
        </Text>
      ) : (
        <Seen run={run} questioned={questioned} />
      )}
      <Text>
        <strong>If somebody meant this,</strong> say so: it is recorded and copied. Earlier versions stay in the stores
        and can be restored. <strong>If nobody did,</strong> restore the files as they were before; if you suspect
        malicious software, first disconnect the computer that made the changes. Until you decide, the copies stay as
        they are.
      </Text>
      {problem !== undefined && <ProblemNote problem={problem} />}
      <div className={classes['choices']}>
        <Button variant="subtle" color="gray" onClick={onClose} data-autofocus>
          Decide later
        </Button>
        <Button
          variant="default"
          onClick={() => {
            onClose();
            void navigate({
              to: '/browse',
              search: {
                source,
                path: questioned === null ? '' : commonFolder(questioned),
                ...(run !== undefined && { at: run.startedAt }),
              },
            });
          }}
        >
          Restore these files…
        </Button>
        <Button variant="default" loading={busy} onClick={() => void accept()}>
          {questioned === null
            ? 'I meant this: record what changed'
            : `I meant this: record ${recordWords(questioned)}`}
        </Button>
      </div>
    </div>
  );
}

/** `100 changes and 20 deletions`. */
function recordWords({ changed, gone }: Questioned): string {
  const parts = [changed > 0 ? counted(changed, 'change') : '', gone > 0 ? counted(gone, 'deletion') : ''];
  return parts.filter((words) => words !== '').join(' and ');
}

/** The deepest folder that all of them are in, as far as it is known where they are. */
function commonFolder({ folders = [] }: Questioned): string {
  const [first, ...others] = folders.map(({ folder }) => folder.split('/'));
  if (first === undefined) return '';
  const ends = others.map((parts) => first.findIndex((part, at) => parts[at] !== part)).filter((end) => end >= 0);
  return first.slice(0, Math.min(first.length, ...ends)).join('/');
}

function Seen({ run, questioned }: { readonly run: RunShape; readonly questioned: Questioned }): ReactNode {
  const { folders = [], examples } = questioned;
  return (
    <>
      <Text>
        The run <When at={run.startedAt} /> saw more changes at once than is usual:{' '}
        <strong>{massWords(questioned)}</strong>. It copied none of them. A person who tidies up makes changes like
        these, and so does malicious software.
      </Text>
      {folders.length > 0 && (
        <div className={classes['scroll']} tabIndex={0} role="region" aria-label="The folders in which they are">
          <Table stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Folder</Table.Th>
                {questioned.changed > 0 && (
                  <Table.Th scope="col" ta="end">
                    Changed
                  </Table.Th>
                )}
                {questioned.gone > 0 && (
                  <Table.Th scope="col" ta="end">
                    Gone
                  </Table.Th>
                )}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {folders.map(({ folder, changed, gone }) => (
                <Table.Tr key={folder}>
                  <Table.Th scope="row" className={classes['folder']}>
                    {folder === '' ? <Name text={run.source} /> : <Name text={folder} path />}
                  </Table.Th>
                  {questioned.changed > 0 && (
                    <Table.Td ta="end">
                      <Count value={changed} />
                    </Table.Td>
                  )}
                  {questioned.gone > 0 && (
                    <Table.Td ta="end">
                      <Count value={gone} />
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {examples.length > 0 && (
        <div>
          <Text fw={600}>Some of the files</Text>
          <ul className={classes['examples']} tabIndex={0} aria-label="Some of the files that changed or are gone">
            {examples.toSorted(byName.compare).map((path) => (
              <li key={path}>
                <Name text={path} path />
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

const byName = new Intl.Collator('en', { numeric: true });
