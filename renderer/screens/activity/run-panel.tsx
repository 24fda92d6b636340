import { Drawer, Pagination, Table, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { Problem, RunShape } from '../../../shared/contract/shapes.ts';
import { folderOf } from '../../../shared/names.ts';
import { query } from '../../app/rpc.ts';
import { ButtonLink } from '../../parts/button-link.tsx';
import { Bytes, Count, counted, Duration, minuteText, When } from '../../parts/figures.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { massWords, runSentence } from '../../parts/run-words.ts';
import { Outcome } from './past-runs.tsx';
import classes from './run-panel.module.css';

/** One run in full: what it found, what each store got, what did not work and why. */
export function RunPanel({
  run,
  onClose,
}: {
  readonly run: number | undefined;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Drawer opened={run !== undefined} onClose={onClose} position="right" size={720} title="A run">
      {run !== undefined && <Loaded key={run} id={run} />}
    </Drawer>
  );
}

function Loaded({ id }: { readonly id: number }): ReactNode {
  // The newest run before the next number is this one, if it is still remembered.
  const { data, error, refetch } = useQuery(query.runs.list.queryOptions({ input: { before: id + 1, limit: 1 } }));
  if (error !== null)
    return <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />;
  if (data === undefined) return <RowsLoading rows={5} label="The run is on its way…" />;
  const run = data.runs.find((candidate) => candidate.id === id);
  return run === undefined ? (
    <Text>Strongroom knows nothing of this run any more. Close this, and choose another one.</Text>
  ) : (
    <Run run={run} />
  );
}

const figures = [
  ['seen', 'Files seen'],
  ['unchanged', 'As before'],
  ['added', 'New'],
  ['changed', 'Changed'],
  ['moved', 'Moved'],
  ['deleted', 'Deleted'],
  ['skipped', 'Left out'],
  ['failed', 'Problems'],
] as const;

function Run({ run }: { readonly run: RunShape }): ReactNode {
  const { questioned } = run;
  return (
    <>
      <Title order={2} size="h4" className={classes['name']}>
        <Name text={run.source} />
      </Title>
      <Outcome run={run} />
      <Text mt="xs">{runSentence(run)}</Text>
      <Text size="sm" className={classes['quiet']}>
        {minuteText(run.startedAt)} (<When at={run.startedAt} />)
        {run.endedAt !== null && (
          <>
            , took <Duration ms={run.endedAt - run.startedAt} />
          </>
        )}
      </Text>
      {questioned !== null && (
        <section className={classes['part']}>
          <Title order={3} size="h5">
            What it asks
          </Title>
          <Text>
            It saw {massWords(questioned)}, and copied none of these changes. The overview asks whether somebody meant
            them; until you answer there, the copies stay as they are.
          </Text>
          <ul className={classes['plain']}>
            {questioned.examples.map((path) => (
              <li key={path}>
                <Name text={path} path />
              </li>
            ))}
          </ul>
          <ButtonLink to="/" variant="default" mt="sm">
            Go to the overview
          </ButtonLink>
        </section>
      )}
      <section className={classes['part']}>
        <Title order={3} size="h5">
          What it found
        </Title>
        <dl className={classes['figures']}>
          {figures.map(([key, label]) => (
            <div key={key} className={classes['figure']}>
              <dt>{label}</dt>
              <dd>
                <Count value={run.numbers[key]} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      {run.stores.length > 0 && (
        <section className={classes['part']}>
          <Title order={3} size="h5">
            What each store got
          </Title>
          <div className={classes['scroll']} tabIndex={0} role="region" aria-label="What each store got">
            <Table className={classes['stores'] ?? ''}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">Store</Table.Th>
                  <Table.Th scope="col">New copies</Table.Th>
                  <Table.Th scope="col">Size</Table.Th>
                  <Table.Th scope="col">Copied inside it</Table.Th>
                  <Table.Th scope="col">Deletions</Table.Th>
                  <Table.Th scope="col">Failed</Table.Th>
                  <Table.Th scope="col">Still to copy</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {run.stores.map((store) => (
                  <Table.Tr key={store.store}>
                    <Table.Th scope="row">
                      <span className={classes['store']}>
                        <Name text={store.store} />
                      </span>
                    </Table.Th>
                    <Table.Td>
                      <Count value={store.copied} />
                    </Table.Td>
                    <Table.Td>
                      <Bytes value={store.bytesSent} />
                    </Table.Td>
                    <Table.Td>
                      <Count value={store.copiedWithin} />
                    </Table.Td>
                    <Table.Td>
                      <Count value={store.deleted} />
                    </Table.Td>
                    <Table.Td>
                      <Count value={store.failed} />
                    </Table.Td>
                    <Table.Td>
                      <Count value={store.pending} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        </section>
      )}
      <Problems run={run} />
    </>
  );
}

const pageSize = 50;

function Problems({ run }: { readonly run: RunShape }): ReactNode {
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useQuery(
    query.runs.problems.queryOptions({
      input: { run: run.id, offset: (page - 1) * pageSize, limit: pageSize },
      placeholderData: keepPreviousData,
    }),
  );
  return (
    <section className={classes['part']}>
      <Title order={3} size="h5">
        What did not work
      </Title>
      {error !== null ? (
        <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />
      ) : data === undefined ? (
        <RowsLoading rows={3} />
      ) : data.total === 0 ? (
        <Text>Nothing. Everything that this run was to read and copy was read and copied.</Text>
      ) : (
        <>
          <Text className={classes['quiet']} size="sm">
            {counted(data.total, 'problem')}. The next run tries {data.total === 1 ? 'it' : 'all of them'} again.
          </Text>
          <ul className={classes['problems']}>
            {data.problems.map((problem, at) => (
              <ProblemRow key={`${page} ${at}`} problem={problem} run={run} />
            ))}
          </ul>
          {data.total > pageSize && (
            <Pagination
              mt="md"
              total={Math.ceil(data.total / pageSize)}
              value={page}
              onChange={setPage}
              getControlProps={(control) => ({ 'aria-label': controls[control] })}
              getItemProps={(number) => ({ 'aria-label': `Page ${number} of the problems` })}
            />
          )}
        </>
      )}
    </section>
  );
}

const controls = { first: 'First page', previous: 'Page before', next: 'Next page', last: 'Last page' } as const;

function ProblemRow({ problem, run }: { readonly problem: Problem; readonly run: RunShape }): ReactNode {
  const { subject, message, advice, code } = problem;
  // Of what can go wrong, these are about a file that can be looked at.
  const isFile =
    subject !== null && (code.startsWith('file-') || code.startsWith('copy-') || code === 'suspected-decay');
  return (
    <li className={classes['problem']}>
      {subject !== null && (
        <div className={classes['subject']}>
          {isFile ? (
            <Link
              to="/browse"
              search={{ source: run.source, path: folderOf(subject), file: subject }}
              className={classes['link']}
            >
              <Name text={subject} path />
            </Link>
          ) : (
            <Name text={subject} path />
          )}
        </div>
      )}
      <div>{visibleName(message)}</div>
      {advice !== null && <div className={classes['quiet']}>{visibleName(advice)}</div>}
    </li>
  );
}
