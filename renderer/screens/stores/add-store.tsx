import { Button, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { visibleName } from '../../parts/name.tsx';
import { problemOf } from '../../parts/problem.tsx';
import { SheetFoot } from '../../parts/sheet.tsx';
import { AddDrive } from './add-drive.tsx';
import { AddFolder } from './add-folder.tsx';
import { AddS3 } from './add-s3.tsx';
import { Checklist } from './checklist.tsx';
import { fieldOf } from './fields.ts';
import { FieldProblem } from '../../parts/field-problem.tsx';
import { KindIcon, kindWords, storeKinds, type StoreKind } from './kinds.tsx';
import type { Draft } from './leaving.tsx';
import { storeClassIsArchive } from './s3-fields.ts';
import type { StoreFormProps } from './store-form.ts';
import { StepTitle } from './step-title.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import classes from './add-store.module.css';

interface AddStoreProps {
  /** Given the name of the store that was added. */
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
  /** The kind to begin with; without it, a person is asked. */
  readonly kind?: StoreKind | undefined;
  /** The folder that is about to be protected, where the store is added for it on the way: there is a step to go back to. */
  readonly protecting?: string;
  /** Told what would be lost if a person left now. */
  readonly onDraft?: (draft: Draft) => void;
}

/** Adds a store: which kind, where, and with which key; then ticks off that everything works there. */
export function AddStore({ onDone, onCancel, kind: asked, protecting, onDraft }: AddStoreProps): ReactNode {
  const client = useQueryClient();
  const [kind, setKind] = useState(asked);
  const [added, setAdded] = useState<StoreShape>();
  const adding = useMutation(
    query.stores.add.mutationOptions({
      onSuccess: async (store) => {
        setAdded(store);
        // The folder of a store may not have been there when it was looked at while somebody typed.
        void client.invalidateQueries({ queryKey: query.places.key() });
        await client.invalidateQueries({ queryKey: query.stores.key() });
      },
    }),
  );
  const form = useRef<HTMLDivElement>(null);
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    if (refusals === 0 && adding.error === null) return;
    const faulty = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-fault]');
    faulty?.scrollIntoView({ block: 'center' });
    faulty?.focus({ preventScroll: true });
  }, [refusals, adding.error]);
  const [edited, setEdited] = useState(false);
  const begun = added === undefined && kind !== undefined && (edited || adding.isPending);
  useEffect(() => onDraft?.({ begun, made: [] }), [begun, onDraft]);
  const isOnTheWay = protecting !== undefined;
  if (added !== undefined) return <Added store={added} onDone={() => onDone(added.name)} />;
  if (kind === undefined) return <ChooseKind onChoose={setKind} onCancel={onCancel} isOnTheWay={isOnTheWay} />;
  const problem = adding.error === null ? undefined : problemOf(adding.error);
  const given: StoreFormProps = {
    onAdd: (store) => adding.mutate(store),
    busy: adding.isPending,
    fault: (field) =>
      problem !== undefined && fieldOf(kind, problem.code) === field ? <FieldProblem problem={problem} /> : undefined,
    onRefused: () => setRefusals(refusals + 1),
    protecting,
    onEdit: () => {
      setEdited(true);
      if (adding.error !== null) adding.reset();
    },
    foot: ({ ready }) => (
      <>
        {problem !== undefined && fieldOf(kind, problem.code) === 'form' && <Refusal of={adding} />}
        <div role="status" className="unseen">
          {adding.isPending ? 'Strongroom is trying the store.' : ''}
        </div>
        <SheetFoot
          start={
            <Button
              variant="default"
              onClick={() => {
                adding.reset();
                setEdited(false);
                setKind(undefined);
              }}
              disabled={adding.isPending}
            >
              Back
            </Button>
          }
        >
          {!isOnTheWay && (
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          )}
          <Button type="submit" loading={adding.isPending} disabled={!ready}>
            Try it and add it
          </Button>
        </SheetFoot>
      </>
    ),
  };
  return (
    <Stack gap="lg" ref={form}>
      <Group gap="sm" wrap="nowrap" align="center">
        <KindIcon kind={kind} />
        <StepTitle>{kindWords[kind].label}</StepTitle>
      </Group>
      {kind === 'folder' && <AddFolder {...given} />}
      {kind === 'drive' && <AddDrive {...given} />}
      {kind === 's3' && <AddS3 {...given} />}
    </Stack>
  );
}

function ChooseKind({
  onChoose,
  onCancel,
  isOnTheWay,
}: {
  readonly onChoose: (kind: StoreKind) => void;
  readonly onCancel: () => void;
  /** Whether leaving this is a step back and not the end. */
  readonly isOnTheWay: boolean;
}): ReactNode {
  const id = useId();
  return (
    <Stack gap="lg">
      <StepTitle id={id}>Where should copies be kept?</StepTitle>
      <ul className={classes['kinds']} aria-labelledby={id}>
        {storeKinds.map((kind) => (
          <li key={kind}>
            <UnstyledButton className={classes['kind']} onClick={() => onChoose(kind)}>
              <span className={classes['icon']}>
                <KindIcon kind={kind} size={28} />
              </span>
              <span>
                <Text component="span" fw={600} display="block">
                  {kindWords[kind].label}
                </Text>
                <Text component="span" display="block" mt={2}>
                  {kindWords[kind].sentence}
                </Text>
                <Text component="span" display="block" size="sm" c="var(--quiet)" mt={2}>
                  {kindWords[kind].needs}
                </Text>
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <SheetFoot
        start={
          isOnTheWay && (
            <Button variant="default" onClick={onCancel}>
              Back
            </Button>
          )
        }
      >
        {!isOnTheWay && (
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </SheetFoot>
    </Stack>
  );
}

function Added({ store, onDone }: { readonly store: StoreShape; readonly onDone: () => void }): ReactNode {
  const archive = storeClassIsArchive(store.spec);
  return (
    <Stack gap="lg">
      <div role="status">
        <StepTitle>“{visibleName(store.name)}” is added</StepTitle>
        <Text mt={4}>
          {archive
            ? 'Strongroom can write there. What lies in this archive class is read only after thawing, so the full check, which reads back what it writes, is left out.'
            : 'Strongroom tries everything that it will ever ask of this store, with a few small files that it clears away again.'}
        </Text>
      </div>
      {!archive && <Checklist store={store.name} begun />}
      <SheetFoot>
        <Button onClick={onDone}>Continue</Button>
      </SheetFoot>
    </Stack>
  );
}
