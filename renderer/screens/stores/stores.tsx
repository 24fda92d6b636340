import { Anchor, Button, Drawer, Group } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { Empty } from '../../parts/empty.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { useNarrowed } from '../../parts/narrow.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { AddStore } from './add-store.tsx';
import { Facts } from './facts.tsx';
import { KindIcon, kindWords } from './kinds.tsx';
import { useLeaving } from './leaving.tsx';
import { remedyOf, remedyWords } from './remedy.ts';
import { StoreStanding } from './standing.tsx';
import { StorePanel } from './store-panel.tsx';
import classes from './stores.module.css';

const route = getRouteApi('/stores');

/** The places that hold copies. */
export function Stores(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const stores = useQuery(query.stores.list.queryOptions());
  const shown = stores.data?.find(({ name }) => name === search.store);
  const { left, field } = useNarrowed(stores.data ?? [], ({ name, place }) => `${name} ${place}`, 'store');
  const [choosing, setChoosing] = useState(false);
  const [checking, setChecking] = useState(false);
  const open = (name: string, check = false) => {
    setChecking(check);
    void navigate({ search: { store: name } });
  };
  const close = () => {
    setChoosing(false);
    void navigate({ search: {} });
  };
  const { leave, onDraft, question } = useLeaving(close, {
    title: 'Leave without adding?',
    text: 'The store is not added yet, and what you filled in here is not kept.',
  });
  const adding = choosing || search.add !== undefined;
  const addButton = (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setChoosing(true)}>
      Add a store
    </Button>
  );
  return (
    <Page
      title="Stores"
      lead="Places that hold copies. Two or more of them, far from one another, and no single mishap takes everything."
      actions={stores.data === undefined || stores.data.length === 0 ? undefined : addButton}
    >
      {stores.error !== null && (
        <ProblemNote
          problem={problemOf(stores.error)}
          action={{ label: 'Try again', run: () => void stores.refetch(), busy: stores.isFetching }}
        />
      )}
      {stores.data === undefined && stores.error === null && (
        <RowsLoading rows={3} height={150} label="The stores are being read…" />
      )}
      {stores.data?.length === 0 && (
        <Empty drawing="stores" title="No store yet" action={addButton}>
          A store is a place that holds copies: a folder on another disk, a folder in Google Drive, a bucket in Amazon
          S3. Add one, and choose it for the folders that you want to protect.
        </Empty>
      )}
      {stores.data !== undefined && stores.data.length > 0 && (
        <>
          {field}
          <ul className={classes['list']} aria-label="Stores">
            {left.map((store) => (
              <StoreSheet key={store.name} store={store} onOpen={(check) => open(store.name, check)} />
            ))}
          </ul>
        </>
      )}
      <StorePanel store={shown} checking={checking} onClose={close} />
      <Drawer
        opened={adding}
        onClose={leave}
        position="right"
        size="lg"
        padding="xl"
        classNames={{ title: classes['title'] ?? '' }}
        title="Add a store"
        closeOnClickOutside={false}
      >
        <AddStore
          key={search.add ?? 'any'}
          kind={search.add}
          onDone={(name) => {
            setChoosing(false);
            open(name);
          }}
          onCancel={leave}
          onDraft={onDraft}
        />
        {question}
      </Drawer>
    </Page>
  );
}

function StoreSheet({
  store,
  onOpen,
}: {
  readonly store: StoreShape;
  /** @param check whether a check is to begin at once. */
  readonly onOpen: (check: boolean) => void;
}): ReactNode {
  const remedy = remedyOf(store);
  const name = visibleName(store.name);
  return (
    <li className={classes['sheet']}>
      <div className={classes['head']}>
        <span className={classes['kind']} data-tip={kindWords[store.kind].label}>
          <KindIcon kind={store.kind} size={28} />
          <span className="unseen">{kindWords[store.kind].label}</span>
        </span>
        <div className={classes['names']}>
          <h2 className={classes['name']}>
            <Anchor component="button" type="button" inherit onClick={() => onOpen(false)}>
              <Name text={store.name} />
            </Anchor>
          </h2>
          <div className={classes['place']}>
            <Name text={store.place} path />
          </div>
        </div>
        <Group gap="sm">
          <Button variant="default" onClick={() => onOpen(true)} aria-label={`Check ${name}`}>
            Check
          </Button>
          <Button variant="default" onClick={() => onOpen(false)} aria-label={`Settings of ${name}`}>
            Settings
          </Button>
        </Group>
      </div>
      <StoreStanding store={store} />
      {store.problem !== null && (
        <ProblemNote
          problem={store.problem}
          tone="quiet"
          {...(remedy === undefined
            ? {}
            : { action: { label: remedyWords[remedy], run: () => onOpen(remedy === 'check') } })}
        />
      )}
      <Facts store={store} />
    </li>
  );
}
