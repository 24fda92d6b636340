import { Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { HistoryEvent } from '../../../shared/contract/shapes.ts';
import { folderOf } from '../../../shared/names.ts';
import { query } from '../../app/rpc.ts';
import { Empty } from '../../parts/empty.tsx';
import { When } from '../../parts/figures.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { Paging, usePages } from './paging.tsx';
import classes from './events.module.css';

const pageSize = 100;

/** What happened to sources, stores and copies, newest first; nothing is ever taken out of it. */
export function Events({ source }: { readonly source: string | undefined }): ReactNode {
  const { before, older, newer } = usePages();
  const { data, error, refetch } = useQuery(
    query.app.events.queryOptions({
      input: { ...(source !== undefined && { source }), ...(before !== undefined && { before }), limit: pageSize },
      placeholderData: keepPreviousData,
    }),
  );
  if (error !== null)
    return <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />;
  if (data === undefined) return <RowsLoading rows={8} label="The history is on its way…" />;
  if (data.events.length === 0 && before === undefined)
    return (
      <Empty drawing="proof" title="Nothing to tell yet">
        Sources and stores added, copies checked, files restored: what happens is written down here and stays.
      </Empty>
    );
  const last = data.events.at(-1);
  return (
    <>
      <ol className={classes['list']}>
        {data.events.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ol>
      {data.events.length === 0 && <Text>There is nothing older.</Text>}
      <Paging what="events" newer={newer} older={data.more && last !== undefined ? () => older(last.id) : undefined} />
    </>
  );
}

function EventRow({ event }: { readonly event: HistoryEvent }): ReactNode {
  const { at, sentence, source, path, folder } = event;
  return (
    <li className={classes['event']}>
      <span className={classes['time']}>
        <When at={at} form="minute" />
      </span>
      <span className={classes['words']}>
        {visibleName(sentence)}
        {path !== null && path !== '' && source !== null && (
          <Link
            to="/browse"
            search={folder === true ? { source, path } : { source, path: folderOf(path), file: path }}
            className={classes['link']}
          >
            <Name text={path} path />
          </Link>
        )}
      </span>
    </li>
  );
}
