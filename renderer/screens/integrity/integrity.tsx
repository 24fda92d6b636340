import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { IntegrityOf } from '../../../shared/contract/shapes.ts';
import { folderOf } from '../../../shared/names.ts';
import { query } from '../../app/rpc.ts';
import { ButtonLink } from '../../parts/button-link.tsx';
import { Mark } from '../../parts/copies.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Count, counted, When } from '../../parts/figures.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import classes from './integrity.module.css';

/** Whether the copies are what they should be: when each store's were last checked, and which are bad. */
export function Integrity(): ReactNode {
  const { data, error, refetch } = useQuery(query.app.integrity.queryOptions());
  return (
    <Page
      title="Integrity"
      width="text"
      lead="Every copy is confirmed by a checksum when it is made. A check reads it again later, and proves that it is still the same."
    >
      {error !== null ? (
        <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />
      ) : data === undefined ? (
        <RowsLoading label="Asking how the copies stand…" />
      ) : data.length === 0 ? (
        <Empty
          drawing="proof"
          title="There are no copies yet"
          action={
            <ButtonLink to="/sources" search={{ add: true }}>
              Add a source
            </ButtonLink>
          }
        >
          Once a folder is protected, this says when its copies were last checked, and whether any of them is damaged.
        </Empty>
      ) : (
        <Stand rows={data} />
      )}
    </Page>
  );
}

function Stand({ rows }: { readonly rows: readonly IntegrityOf[] }): ReactNode {
  const bad = rows.filter((row) => row.bad > 0);
  const all = bad.reduce((sum, row) => sum + row.bad, 0);
  return (
    <>
      <Text className={classes['answer']} component="div">
        <Mark standing={all === 0 ? 'good' : 'bad'} size={20} />
        <span>
          {all === 0
            ? 'No copy is known to be damaged or missing.'
            : `${counted(all, 'copy', 'copies')} ${all === 1 ? 'is' : 'are'} damaged or missing.`}
        </span>
      </Text>
      {bad.map((row) => (
        <Bad key={`${row.source}/${row.store}`} row={row} />
      ))}
      <Section title="The copies, store by store" sheet>
        <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Table of the copies">
          <Table className={classes['table'] ?? ''}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Source and store</Table.Th>
                <Table.Th scope="col" ta="end">
                  Copies
                </Table.Th>
                <Table.Th scope="col" ta="end">
                  Of them checked
                </Table.Th>
                <Table.Th scope="col">Last confirmed</Table.Th>
              </Table.Tr>
            </Table.Thead>
            {[...Map.groupBy(rows, ({ source }) => source)].map(([source, stores]) => (
              <Table.Tbody key={source}>
                <Table.Tr className={classes['source']}>
                  <Table.Th scope="rowgroup" colSpan={4} className={classes['name']}>
                    <Name text={source} />
                  </Table.Th>
                </Table.Tr>
                {stores.map(({ store, good, checked, confirmedAt }) => (
                  <Table.Tr key={store}>
                    <Table.Th scope="row" className={classes['store']}>
                      <Link to="/stores" search={{ store }} className={classes['link']}>
                        <Name text={store} />
                      </Link>
                    </Table.Th>
                    <Table.Td ta="end">
                      <Count value={good} />
                    </Table.Td>
                    <Table.Td ta="end">{checked === 0 ? 'none yet' : <Count value={checked} />}</Table.Td>
                    <Table.Td>{confirmedAt === null ? 'when made' : <When at={confirmedAt} />}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            ))}
          </Table>
        </div>
      </Section>
      <Section title="What you can do now" sheet>
        <ul className={classes['list']}>
          <li>
            <Text>
              <strong>See whether a store answers as it should.</strong> Its check writes, reads and removes a small
              file of its own. It does not read the copies.
            </Text>
            <ButtonLink to="/stores" variant="default" size="sm">
              Stores
            </ButtonLink>
          </li>
          <li>
            <Text>
              <strong>See the copies of one file.</strong> Each of its versions lists its copies, their state and when
              each was last checked. Restoring a version reads its copy to the last byte, and takes another copy if that
              one is bad.
            </Text>
            <ButtonLink to="/browse" variant="default" size="sm">
              Browse
            </ButtonLink>
          </li>
          <li>
            <Text>
              <strong>See what was found so far.</strong> Every bad copy, and every file that decayed in its folder, is
              written down there for good.
            </Text>
            <ButtonLink to="/activity" search={{ events: true }} variant="default" size="sm">
              History of events
            </ButtonLink>
          </li>
          <li>
            <Text>
              <strong>Check every copy of a store.</strong> Whoever looks after this computer can do it from the command
              line, while this window is closed: <code>strongroom verify --deep</code>. What it finds is shown here.
            </Text>
          </li>
        </ul>
        <Text size="sm" className={classes['later']}>
          Checks by a schedule, repair of a bad copy from a good one and a certificate come with a later version.
        </Text>
      </Section>
    </>
  );
}

function Bad({ row: { source, store, bad, badPaths } }: { readonly row: IntegrityOf }): ReactNode {
  return (
    <section className={classes['bad']} aria-label={`Bad copies of ${visibleName(source)} in ${visibleName(store)}`}>
      <Text fw={600} component="div" className={classes['pair']}>
        {counted(bad, 'copy', 'copies')} of <Name text={source} /> in <Name text={store} />
      </Text>
      <ul className={classes['paths']}>
        {badPaths.map((path) => (
          <li key={path}>
            <Link to="/browse" search={{ source, path: folderOf(path), file: path }} className={classes['link']}>
              <Name text={path} path />
            </Link>
          </li>
        ))}
      </ul>
      <Text size="sm" className={classes['later']}>
        {bad > badPaths.length && `And ${counted(bad - badPaths.length, 'other')}. `}
        What is still in the folder is copied again by the next run. For an earlier version, open the file and see
        whether another store has a good copy.
      </Text>
    </section>
  );
}
