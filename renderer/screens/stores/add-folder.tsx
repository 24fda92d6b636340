import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { query } from '../../app/rpc.ts';
import { FolderPicker } from '../../parts/folder-picker.tsx';
import { lastName } from '../../parts/folder-path.ts';
import type { StoreFormProps } from './store-form.ts';
import { StoreName } from './store-name.tsx';
import classes from './add-store.module.css';

/** The form for a folder on another disk or share. */
export function AddFolder({ onAdd, busy, fault, protecting, onEdit, foot }: StoreFormProps): ReactNode {
  const [path, setPath] = useState('');
  const [name, setName] = useState('');
  const [picking, setPicking] = useState(false);
  const said = path.trim();
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (said === '') return;
          onAdd({
            ...{ kind: 'folder', path: said },
            ...(name.trim() === '' ? {} : { name: name.trim() }),
            ...(protecting === undefined || protecting === '' ? {} : { protecting }),
          });
        }}
      >
        <Stack gap="lg">
          <Text>
            Strongroom makes two folders in it: <b>files</b> with the latest of everything, and <b>history</b> with what
            was replaced or deleted. Both can be opened with any file manager.
          </Text>
          <TextInput
            label="Folder for the copies"
            description="On another disk or share than the originals, empty or used by Strongroom before."
            value={path}
            dir="ltr"
            spellCheck={false}
            autoComplete="off"
            required
            disabled={busy}
            error={fault('path')}
            onChange={(event) => {
              setPath(event.currentTarget.value);
              onEdit();
            }}
            inputContainer={(input) => (
              <Group gap="sm" wrap="nowrap" align="start">
                <div className={classes['grow']}>{input}</div>
                <Button
                  variant="default"
                  className={classes['beside']}
                  onClick={() => setPicking(true)}
                  disabled={busy}
                >
                  Choose…
                </Button>
              </Group>
            )}
          />
          {fault('path') === undefined && <PlaceHint path={said} protecting={protecting} />}
          <StoreName
            value={name}
            suggestion={said === '' ? 'second disk' : lastName(said)}
            disabled={busy}
            error={fault('name')}
            onChange={(value) => {
              setName(value);
              onEdit();
            }}
          />
          {foot({ ready: said !== '' })}
        </Stack>
      </form>
      <FolderPicker
        opened={picking}
        title="Choose the folder for the copies"
        canMake
        start={said}
        onClose={() => setPicking(false)}
        onPick={(picked) => {
          setPath(picked);
          onEdit();
        }}
      />
    </>
  );
}

/** Milliseconds that a person may go on typing before the folder is looked for. */
const pauseMs = 300;

/** What a person should know of the folder before it is taken: that it will be made, or lies on the disk of the originals. */
function PlaceHint({
  path,
  protecting,
}: {
  readonly path: string;
  readonly protecting: string | undefined;
}): ReactNode {
  const [asked] = useDebouncedValue(path, pauseMs);
  const above = folderAbove(asked);
  const isWhole = above !== undefined;
  const here = useQuery(query.places.list.queryOptions({ input: { path: asked }, enabled: isWhole, staleTime: 5_000 }));
  const missing = isWhole && here.data?.problem?.code === 'source-missing';
  const parent = useQuery(
    query.places.list.queryOptions({ input: { path: above ?? '' }, enabled: missing, staleTime: 5_000 }),
  );
  const disk = missing ? parent.data?.disk : here.data?.disk;
  const original = useQuery(
    query.places.list.queryOptions({
      input: { path: protecting ?? '' },
      enabled: protecting !== undefined && protecting !== '',
      staleTime: 60_000,
    }),
  );
  const sameDisk = disk !== undefined && disk === original.data?.disk;
  const isMade = missing && parent.data?.problem === null;
  const isAstray = missing && parent.data?.problem?.code === 'source-missing';
  return (
    <div role="status">
      {asked === path && isMade && <Text size="sm">This folder does not exist yet. It will be made.</Text>}
      {asked === path && isAstray && (
        <Text size="sm" c="var(--warn)">
          Neither this folder nor the one around it exists. Is the disk connected, and the path right?
        </Text>
      )}
      {asked === path && sameDisk && (
        <Text size="sm" c="var(--warn)">
          It is on the same disk as the folder to protect: if that disk fails, both are lost. Another disk is better.
        </Text>
      )}
    </div>
  );
}

/** The folder around a whole path; `undefined` for one that is not whole, or has none around it. */
function folderAbove(path: string): string | undefined {
  const bare = path.replace(/[/\\]+$/, '');
  if (!/^(\/|[A-Za-z]:[\\/]|\\\\)/.test(bare)) return undefined;
  const above = bare.replace(/[/\\][^/\\]*$/, '');
  return above === '' ? '/' : /^[A-Za-z]:$/.test(above) ? `${above}\\` : above;
}
