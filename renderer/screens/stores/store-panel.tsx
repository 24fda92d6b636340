import { Anchor, Button, Drawer, Stack, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { counted, When } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Checklist } from './checklist.tsx';
import { Credential } from './credential.tsx';
import { Facts } from './facts.tsx';
import { LimitsEditor } from './limits.tsx';
import { remedyOf } from './remedy.ts';
import { StoreStanding } from './standing.tsx';
import { Unlock } from '../../parts/unlock.tsx';
import classes from './stores.module.css';

/** Everything about one store, at the side of the list. */
export function StorePanel({
  store,
  checking,
  onClose,
}: {
  readonly store: StoreShape | undefined;
  /** Whether a check begins as it opens. */
  readonly checking: boolean;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Drawer
      opened={store !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      padding="xl"
      classNames={{ title: classes['title'] ?? '' }}
      title={store === undefined ? '' : visibleName(store.name)}
    >
      {store !== undefined && <Panel key={store.name} store={store} checking={checking} onClose={onClose} />}
    </Drawer>
  );
}

function Panel({
  store,
  checking,
  onClose,
}: {
  readonly store: StoreShape;
  readonly checking: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const [removing, setRemoving] = useState(false);
  const remedy = remedyOf(store);
  const credentialFirst = remedy === 'sign-in' || remedy === 'give-key';
  const credential = store.kind !== 'folder' && (
    <Part title={store.kind === 'drive' ? 'Sign-in' : 'Access key'}>
      <Credential store={store} />
    </Part>
  );
  return (
    <Stack gap="xl" pb="xl">
      <Stack gap="xs">
        <Text>
          <Name text={store.place} path lines={3} />
        </Text>
        <Text size="sm" c="var(--quiet)">
          Added <When at={store.addedAt} />.{' '}
          {store.webUrl !== null && (
            <Anchor href={store.webUrl} target="_blank" rel="noreferrer">
              Look at it in the browser
            </Anchor>
          )}
        </Text>
      </Stack>
      {store.problem === null ? <StoreStanding store={store} /> : <ProblemNote problem={store.problem} tone="quiet" />}
      {remedy === 'unlock' && (
        <Part title="Passphrase of the vault">
          <Unlock />
        </Part>
      )}
      {credentialFirst && credential}
      <Part title="Does everything work?">
        <Text mb="sm">
          Strongroom writes, reads, replaces and removes a few small files there, as it would with copies, and ticks off
          what works.
        </Text>
        <Checklist store={store.name} begun={checking} />
      </Part>
      <Part title="What it holds">
        <Facts store={store} whole />
      </Part>
      <Part title="Speed">
        <LimitsEditor key={store.name} store={store} />
      </Part>
      {!credentialFirst && credential}
      <Part title="Remove the store">
        <Text mb="sm">Strongroom then copies nothing there any more. What lies there stays where it is.</Text>
        <Button variant="default" onClick={() => setRemoving(true)}>
          Remove this store…
        </Button>
      </Part>
      <Confirm
        opened={removing}
        title={`Remove the store “${visibleName(store.name)}”?`}
        action="Remove the store"
        grave
        run={async () => {
          await engine.stores.remove({ name: store.name });
          tell(`Strongroom does not use ${visibleName(store.name)} any more. What lies there stays.`);
          onClose();
        }}
        onClose={() => setRemoving(false)}
      >
        <Text>
          {store.copies === 0
            ? 'Nothing was copied there yet.'
            : `The ${counted(store.copies, 'copy', 'copies')} that lie there stay, as plain files, and can be opened without Strongroom. Strongroom no longer counts them as copies, no longer checks them, and cannot restore from them.`}
        </Text>
        {store.sources.length > 0 && (
          <Text mt="sm">
            {store.sources.length === 1
              ? `“${visibleName(store.sources[0] ?? '')}” then has one copy fewer.`
              : `${counted(store.sources.length, 'source')} then have one copy fewer.`}
          </Text>
        )}
        {store.kind !== 'folder' && (
          <Text mt="sm">Its {store.kind === 's3' ? 'access key' : 'sign-in'} is forgotten on this computer.</Text>
        )}
        <Text mt="sm">
          If you add the same place again later, Strongroom recognises what lies there, and copies nothing twice.
        </Text>
      </Confirm>
    </Stack>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section aria-label={title} className={classes['part']}>
      <Title order={3} size="h5" mb="sm">
        {title}
      </Title>
      {children}
    </section>
  );
}
