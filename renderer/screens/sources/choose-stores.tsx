import { Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { AddStore } from '../stores/add-store.tsx';
import { KindIcon, kindWords } from '../stores/kinds.tsx';
import { adviceOnPlacing, type PlacingAdvice } from './placing.ts';
import { folderOfStore, useDisks } from './use-disks.ts';
import classes from './sources.module.css';

interface ChooseStoresProps {
  /** The source's own folder. */
  readonly root: string;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
  /** Stores that are chosen already and stay so. */
  readonly fixed?: readonly string[];
  /** Told whether a store is being added right here, while everything else waits. */
  readonly onAdding: (adding: boolean) => void;
}

/** The second step of adding a source: the stores that hold its copies. */
export function ChooseStores({ root, chosen, onChange, fixed = [], onAdding }: ChooseStoresProps): ReactNode {
  const stores = useQuery(query.stores.list.queryOptions());
  const [adding, setAdding] = useState(false);
  const known = stores.data ?? [];
  const folders = known.map(folderOfStore).filter((path) => path !== undefined);
  const disks = useDisks([...new Set([root.trim(), ...folders].filter((path) => path !== ''))]);
  const add = (on: boolean) => {
    setAdding(on);
    onAdding(on);
  };
  if (adding || stores.data?.length === 0) {
    return (
      <Stack gap="md">
        {stores.data?.length === 0 && !adding && (
          <Text>There is no store yet. A store is a place that holds copies; add the first one here.</Text>
        )}
        {adding ? (
          <AddStore
            onDone={(name) => {
              add(false);
              onChange([...new Set([...chosen, name])]);
            }}
            onCancel={() => add(false)}
          />
        ) : (
          <div>
            <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => add(true)}>
              Add a store
            </Button>
          </div>
        )}
      </Stack>
    );
  }
  if (stores.error !== null) {
    return (
      <ProblemNote
        problem={problemOf(stores.error)}
        action={{ label: 'Try again', run: () => void stores.refetch() }}
      />
    );
  }
  if (stores.data === undefined) return <RowsLoading rows={2} height={72} label="The stores are being read…" />;
  const diskOf = (store: StoreShape) => {
    const folder = folderOfStore(store);
    return folder === undefined ? undefined : disks.get(folder);
  };
  const sourceDisk = disks.get(root.trim());
  const all = [...fixed, ...chosen];
  const advice = adviceOnPlacing(
    sourceDisk,
    known
      .filter(({ name }) => all.includes(name))
      .map((store) => ({ name: store.name, kind: store.kind, disk: diskOf(store) })),
  );
  return (
    <Stack gap="md">
      <ul className={classes['choices']} aria-label="Stores">
        {known.map((store) => (
          <StoreChoice
            key={store.name}
            store={store}
            checked={all.includes(store.name)}
            fixed={fixed.includes(store.name)}
            sameDisk={sourceDisk !== undefined && diskOf(store) === sourceDisk}
            onChange={(checked) =>
              onChange(checked ? [...chosen, store.name] : chosen.filter((name) => name !== store.name))
            }
          />
        ))}
      </ul>
      <div>
        <Button variant="default" leftSection={<IconPlus size={18} aria-hidden />} onClick={() => add(true)}>
          Add another store
        </Button>
      </div>
      <Advice advice={advice} />
    </Stack>
  );
}

function StoreChoice({
  store,
  checked,
  fixed,
  sameDisk,
  onChange,
}: {
  readonly store: StoreShape;
  readonly checked: boolean;
  readonly fixed: boolean;
  readonly sameDisk: boolean;
  readonly onChange: (checked: boolean) => void;
}): ReactNode {
  const id = useId();
  return (
    <li>
      <label className={classes['choice']} data-checked={checked}>
        <input
          type="checkbox"
          checked={checked}
          disabled={fixed}
          aria-describedby={id}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <KindIcon kind={store.kind} />
        <span className={classes['choiceWords']}>
          <span className={classes['choiceName']}>
            <Name text={store.name} />
          </span>
          <span id={id} className={classes['choiceMore']}>
            <span className="unseen">{kindWords[store.kind].label}: </span>
            <Name text={store.place} path />
            {fixed && <span>Holds copies of it already.</span>}
            {sameDisk && <span className={classes['warn']}>On the same disk as the folder.</span>}
            {store.problem !== null && <span className={classes['warn']}>Needs attention: see Stores.</span>}
          </span>
        </span>
      </label>
    </li>
  );
}

const toneIcons = { stop: IconAlertTriangle, warn: IconAlertTriangle, hint: IconInfoCircle, good: IconCircleCheck };

function Advice({ advice }: { readonly advice: PlacingAdvice }): ReactNode {
  const Icon = toneIcons[advice.tone];
  return (
    <div className={classes['advice']} data-tone={advice.tone} role="status">
      <Icon size={20} aria-hidden className={classes['adviceIcon']} />
      <div>
        <Text fw={600}>{advice.title}</Text>
        <Text>{advice.text}</Text>
      </div>
    </div>
  );
}
