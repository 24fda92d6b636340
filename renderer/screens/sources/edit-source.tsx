import { Button, Drawer, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import type { Cadence, SourceShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { SheetFoot } from '../../parts/sheet.tsx';
import { useLeaving, type Draft } from '../stores/leaving.tsx';
import { ChooseCadence } from './choose-cadence.tsx';
import { FolderField } from './choose-folder.tsx';
import { ChooseStores } from './choose-stores.tsx';
import { PreviewView } from './preview-view.tsx';
import { RulesEditor } from './rules-editor.tsx';
import { usePreview } from './use-preview.ts';
import classes from './sources.module.css';

/** What can be changed about a source, at the side of the list. */
export function EditSource({
  source,
  onClose,
}: {
  readonly source: SourceShape | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const { leave, onDraft, question } = useLeaving(onClose, {
    title: 'Leave without saving?',
    text: 'What you changed here is not saved yet.',
  });
  return (
    <Drawer
      opened={source !== undefined}
      onClose={leave}
      position="right"
      size="lg"
      padding="xl"
      classNames={{ title: classes['title'] ?? '' }}
      closeOnClickOutside={false}
      title={source === undefined ? '' : `Change “${visibleName(source.name)}”`}
    >
      {source !== undefined && (
        <Edit key={source.name} source={source} onLeave={leave} onSaved={onClose} onDraft={onDraft} />
      )}
      {question}
    </Drawer>
  );
}

function Edit({
  source,
  onLeave,
  onSaved,
  onDraft,
}: {
  readonly source: SourceShape;
  readonly onLeave: () => void;
  readonly onSaved: () => void;
  readonly onDraft: (draft: Draft) => void;
}): ReactNode {
  const client = useQueryClient();
  const [rules, setRules] = useState(source.rules);
  const [cadence, setCadence] = useState<Cadence | undefined>(source.cadence);
  const attached = source.copies.map(({ store }) => store);
  const [stores, setStores] = useState(attached);
  const [made, setMade] = useState<readonly string[]>([]);
  const [root, setRoot] = useState(source.root);
  // A source whose folder cannot be seen is most likely opened to say where it is now.
  const [moving, setMoving] = useState(!source.reachable);
  const [addingStore, setAddingStore] = useState(false);
  const saving = useMutation(
    query.sources.edit.mutationOptions({
      onSuccess: async () => {
        onDraft({ begun: false, made: [] });
        onSaved();
        await client.invalidateQueries({ queryKey: query.sources.key() });
      },
    }),
  );
  const path = root.trim();
  const rulesChanged = JSON.stringify(rules) !== JSON.stringify(source.rules);
  const moved = path !== source.root;
  const cadenceChanged = JSON.stringify(cadence) !== JSON.stringify(source.cadence);
  const added = stores.filter((store) => !attached.includes(store));
  const left = attached.filter((store) => !stores.includes(store));
  const changed = rulesChanged || moved || cadenceChanged || added.length > 0 || left.length > 0;
  const begun = changed || addingStore;
  useEffect(() => onDraft({ begun, made }), [begun, made, onDraft]);
  const save = () => {
    if (cadence === undefined) return;
    saving.mutate({
      name: source.name,
      ...(rulesChanged ? { rules } : {}),
      ...(moved ? { root: path } : {}),
      ...(cadenceChanged ? { cadence } : {}),
      ...(added.length > 0 ? { addStores: added } : {}),
      ...(left.length > 0 ? { removeStores: left } : {}),
    });
  };
  return (
    <Stack gap="xl" pb="xl">
      <Part title="Folder">
        {moving ? (
          <Stack gap="sm">
            {!source.reachable && (
              <Text>
                The folder cannot be seen now. If its server is only switched off, there is nothing to do: nothing is
                taken as deleted, and the runs go on by themselves once it is back.
              </Text>
            )}
            <FolderField
              label="The folder is here now"
              description="If it was moved or its server has another name: the same files in their new place. What is known of them stays."
              title="Choose the folder in its new place"
              value={root}
              onChange={setRoot}
            />
          </Stack>
        ) : (
          <Stack gap="sm" align="start">
            <Text component="div" className={classes['path']}>
              <Name text={source.root} path lines={3} />
            </Text>
            <Button variant="default" size="compact-md" onClick={() => setMoving(true)}>
              The folder is somewhere else now…
            </Button>
          </Stack>
        )}
      </Part>
      <Part title="What is taken in">
        <RulesEditor rules={rules} onChange={setRules} />
        {(rulesChanged || moved) && path !== '' && <LivePreview root={path} rules={rules} moved={moved} />}
      </Part>
      <Part title="How often">
        <ChooseCadence cadence={source.cadence} onChange={setCadence} />
      </Part>
      <Part title="Stores">
        <ChooseStores
          root={path}
          attached={attached}
          onMade={(store) => setMade([...made, store])}
          chosen={stores}
          onChange={setStores}
          onAdding={setAddingStore}
        />
        {added.length > 0 && (
          <Text mt="sm" role="status">
            The next run copies every version that can still be read to the new{' '}
            {added.length === 1 ? 'store' : 'stores'}.
          </Text>
        )}
      </Part>
      {saving.error !== null && <ProblemNote problem={problemOf(saving.error)} />}
      {!addingStore && (
        <SheetFoot>
          <Button variant="default" onClick={onLeave} disabled={saving.isPending}>
            {changed ? 'Leave it as it was' : 'Close'}
          </Button>
          <Button
            onClick={save}
            disabled={!changed || cadence === undefined || path === '' || stores.length === 0}
            loading={saving.isPending}
          >
            Save
          </Button>
        </SheetFoot>
      )}
    </Stack>
  );
}

function LivePreview({
  root,
  rules,
  moved,
}: {
  readonly root: string;
  readonly rules: SourceShape['rules'];
  readonly moved: boolean;
}): ReactNode {
  const preview = usePreview(root, rules);
  // That the old place overlaps with a source, namely this one, is no news.
  const own = !moved && preview.problem?.code === 'source-overlaps';
  return (
    <div className={classes['livePreview']}>
      <PreviewView preview={own ? { ...preview, problem: undefined } : preview} />
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section aria-label={title}>
      <Title order={3} size="h5" mb="sm">
        {title}
      </Title>
      {children}
    </section>
  );
}
