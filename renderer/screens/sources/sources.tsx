import { Button, Drawer } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useRuns } from '../../app/live.tsx';
import { query } from '../../app/rpc.ts';
import { Empty } from '../../parts/empty.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { useNarrowed } from '../../parts/narrow.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { useLeaving } from '../stores/leaving.tsx';
import { AddSource } from './add-source.tsx';
import { EditSource } from './edit-source.tsx';
import { SourceSheet } from './source-sheet.tsx';
import classes from './sources.module.css';

const route = getRouteApi('/sources');

/** The folders that are protected. */
export function Sources(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const runs = useRuns();
  const sources = useQuery(query.sources.list.queryOptions());
  const { left, field } = useNarrowed(sources.data ?? [], ({ name, root }) => `${name} ${root}`, 'source');
  const close = () => void navigate({ search: {} });
  const { leave, onDraft, question } = useLeaving(close, {
    title: 'Leave without adding?',
    text: 'The folder is not protected yet, and what you chose here is not kept.',
  });
  const addButton = (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => void navigate({ search: { add: true } })}>
      Add a source
    </Button>
  );
  return (
    <Page
      title="Sources"
      lead="Folders that Strongroom protects. It reads them, and changes nothing in them except when you restore into one."
      actions={sources.data === undefined || sources.data.length === 0 ? undefined : addButton}
    >
      {sources.error !== null && (
        <ProblemNote
          problem={problemOf(sources.error)}
          action={{ label: 'Try again', run: () => void sources.refetch(), busy: sources.isFetching }}
        />
      )}
      {sources.data === undefined && sources.error === null && (
        <RowsLoading rows={3} height={180} label="The sources are being read…" />
      )}
      {sources.data?.length === 0 && (
        <Empty drawing="folder" title="No folder is protected yet" action={addButton}>
          Choose a folder on the file server. Strongroom copies it to two or more other places, keeps every version, and
          goes on doing so by itself.
        </Empty>
      )}
      {sources.data !== undefined && sources.data.length > 0 && (
        <>
          {field}
          <ul className={classes['list']} aria-label="Sources">
            {left.map((source) => (
              <SourceSheet
                key={source.name}
                source={source}
                run={runs.find((run) => run.source === source.name)}
                onEdit={() => void navigate({ search: { edit: source.name } })}
              />
            ))}
          </ul>
        </>
      )}
      <EditSource source={sources.data?.find(({ name }) => name === search.edit)} onClose={close} />
      <Drawer
        opened={search.add === true}
        onClose={leave}
        position="right"
        size="xl"
        padding="xl"
        classNames={{ title: classes['title'] ?? '' }}
        title="Add a source"
        closeOnClickOutside={false}
      >
        <AddSource onDone={close} onCancel={leave} onDraft={onDraft} />
        {question}
      </Drawer>
    </Page>
  );
}
