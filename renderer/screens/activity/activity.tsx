import { Select, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../app/rpc.ts';
import { visibleName } from '../../parts/name.tsx';
import { Page } from '../../parts/page.tsx';
import { Events } from './events.tsx';
import { Now } from './now.tsx';
import { PastRuns } from './past-runs.tsx';
import { RunPanel } from './run-panel.tsx';
import classes from './activity.module.css';

const route = getRouteApi('/activity');

/** What runs now, what ran before, and what happened. */
export function Activity(): ReactNode {
  const { run, source, events } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: sources } = useQuery(query.sources.list.queryOptions());
  return (
    <Page
      title="Activity"
      lead="What is being copied now, what each run did, and what else happened: files restored, copies checked, stores added."
    >
      <Now />
      <Tabs
        mt={40}
        value={events === true ? 'events' : 'runs'}
        onChange={(tab) =>
          void navigate({ search: ({ source: of }) => ({ source: of, events: tab === 'events' ? true : undefined }) })
        }
      >
        <div className={classes['bar']}>
          <Tabs.List>
            <Tabs.Tab value="runs">Past runs</Tabs.Tab>
            <Tabs.Tab value="events">History of events</Tabs.Tab>
          </Tabs.List>
          {sources !== undefined && sources.length > 1 && (
            <Select
              aria-label="Of which source"
              placeholder="All sources"
              clearable
              clearButtonProps={{ 'aria-label': 'Show all sources' }}
              value={source ?? null}
              data={sources.map(({ name }) => ({ value: name, label: visibleName(name) }))}
              onChange={(name) => void navigate({ search: (before) => ({ ...before, source: name ?? undefined }) })}
            />
          )}
        </div>
        {/* A page of one source is not a page of another. */}
        <Tabs.Panel value="runs">
          <PastRuns key={source ?? ''} source={source} />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <Events key={source ?? ''} source={source} />
        </Tabs.Panel>
      </Tabs>
      <RunPanel run={run} onClose={() => void navigate({ search: (before) => ({ ...before, run: undefined }) })} />
    </Page>
  );
}
