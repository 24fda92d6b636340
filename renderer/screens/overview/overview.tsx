import { Button, Text } from '@mantine/core';
import { IconPlus, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';
import type { Overview as OverviewShape } from '../../../shared/contract/shapes.ts';
import { useEngineState } from '../../app/live.tsx';
import { query } from '../../app/rpc.ts';
import { isPaused, PauseButton, StateIcon } from '../../app/state-line.tsx';
import { syncNow } from '../../parts/acts.ts';
import { ButtonLink } from '../../parts/button-link.tsx';
import { Bytes, Count } from '../../parts/figures.tsx';
import { BlockLoading, PageLoading } from '../../parts/loading.tsx';
import { visibleName } from '../../parts/name.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { AttentionList } from './attention.tsx';
import { SourceRows } from './source-rows.tsx';
import classes from './overview.module.css';

const Welcome = lazy(async () => ({ default: (await import('../welcome/welcome.tsx')).Welcome }));
const Growth = lazy(async () => ({ default: (await import('./growth.tsx')).Growth }));

/** Whether the welcome has been gone to by itself: once a window is enough, and from then on it is here. */
let welcomed = false;

/** *Is everything safe?*, in words; what needs a person; every source with its copies; how much is protected. */
export function Overview(): ReactNode {
  const { data, error, refetch } = useQuery(query.app.overview.queryOptions());
  if (data?.empty === true) return <Nothing />;
  if (data !== undefined) return <Filled overview={data} />;
  return (
    <Page title="Overview" heading={error === null ? <span className="unseen">Overview</span> : 'Overview'}>
      {error === null ? (
        <PageLoading label="Asking how everything stands…" />
      ) : (
        <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />
      )}
    </Page>
  );
}

function Nothing(): ReactNode {
  if (!welcomed) {
    welcomed = true;
    return <Navigate to="/welcome" replace />;
  }
  return (
    <Suspense fallback={<PageLoading label="The welcome is on its way…" />}>
      <Welcome title="Overview" />
    </Suspense>
  );
}

function Filled({ overview }: { readonly overview: OverviewShape }): ReactNode {
  const { headline, detail, state, tone, sources, attention, files, bytes, versions, growth } = overview;
  const live = useEngineState();
  const paused = live === undefined ? state === 'paused' : isPaused(live);
  return (
    <Page
      title="Overview"
      heading={
        <span className={classes['headline']}>
          <StateIcon state={state} tone={tone} size={34} />
          <span>{visibleName(headline)}</span>
        </span>
      }
      lead={<span className={classes['detail']}>{visibleName(detail)}</span>}
      actions={
        // What runs is what a pause is to be ended for, not something to press beside it.
        paused ? (
          <PauseButton />
        ) : (
          <Button variant="default" leftSection={<IconRefresh size={17} aria-hidden />} onClick={() => void syncNow()}>
            Sync now
          </Button>
        )
      }
    >
      {attention.length > 0 && <AttentionList items={attention} />}
      <Section
        title="Sources"
        actions={
          <ButtonLink
            to="/sources"
            search={{ add: true }}
            variant="default"
            leftSection={<IconPlus size={17} aria-hidden />}
          >
            Add a source
          </ButtonLink>
        }
      >
        <SourceRows sources={sources} />
      </Section>
      <Section
        title="Protected over time"
        lead={
          <Text component="span" size="sm">
            Now <Count value={files} of="file" />, <Bytes value={bytes} /> in all; with earlier ones,{' '}
            <Count value={versions} of="version" />.
          </Text>
        }
      >
        <Suspense fallback={<BlockLoading height={260} label="Drawing the chart…" />}>
          <Growth growth={growth} />
        </Suspense>
      </Section>
    </Page>
  );
}
