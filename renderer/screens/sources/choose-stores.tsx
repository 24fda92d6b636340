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
  /** Stores that the source is copied to now. */
  readonly attached?: readonly string[];
  /** Given the name of a store that was added right here. */
  readonly onMade?: (name: string) => void;
  /** Told whether a store is being added right here, while everything else waits. */
  readonly onAdding: (adding: boolean) => void;
}

/** The stores that hold a source's copies. Those of the sample materials are offered to nothing else: they go with them. */
export function ChooseStores({
  root,
  chosen,
  onChange,
  attached = [],
  onMade,
  onAdding,
}: ChooseStoresProps): ReactNode {
  const stores = useQuery(query.stores.list.queryOptions());
  const [adding, setAdding] = useState(false);
  const known = (stores.data ?? []).filter(({ name, sample }) => sample !== true || attached.includes(name));
  const folders = known.map(folderOfStore).filter((path) => path !== undefined);
  const disks = useDisks([...new Set([root.trim(), ...folders].filter((path) => path !== ''))]);
  const add = (on: boolean) => {
    setAdding(on);
    onAdding(on);
  };
  const none = stores.data !== undefined && known.length === 0;
  if (adding || none) {
    return (
      <Stack gap="md">
        {none && !adding && (
          <Text>
            {stores.data.length > 0
              ? 'The stores that there are belong to the sample materials, and go with them. Add one for this folder here.'
              : 'There is no store yet. A store is a place that holds copies; add the first one here.'}
          </Text>
        )}
        {adding ? (
          <AddStore
            protecting={root}
            onDone={(name) => {
              add(false);
              onMade?.(name);
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
  const advice = adviceOnPlacing(
    sourceDisk,
    known
      .filter(({ name }) => chosen.includes(name))
      .map((store) => ({ name: store.name, kind: store.kind, disk: diskOf(store) })),
    chosen.every((name) => attached.includes(name)),
  );
  return (
    <Stack gap="md">
      <ul className={classes['choices']} aria-label="Stores">
        {known.map((store) => (
          <StoreChoice
            key={store.name}
            store={store}
            checked={chosen.includes(store.name)}
            attached={attached.includes(store.name)}
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
  attached,
  sameDisk,
  onChange,
}: {
  readonly store: StoreShape;
  readonly checked: boolean;
  readonly attached: boolean;
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
            {attached &&
              (checked ? (
                <span>Holds copies of it already.</span>
              ) : (
                <span className={classes['warn']}>
                  Nothing more will be copied there. What it holds stays, and can be restored.
                </span>
              ))}
            {sameDisk && <span className={classes['warn']}>On the same disk as the folder.</span>}
            {store.problem !== null && <span className={classes['warn']}>Needs attention: see Stores.</span>}
          </span>
        </span>
      </label>
    </li>
  );
}

const toneIcons = { warn: IconAlertTriangle, hint: IconInfoCircle, good: IconCircleCheck };

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
