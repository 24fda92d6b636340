import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FolderPicker } from '../../parts/folder-picker.tsx';
import { lastName } from '../../parts/folder-path.ts';
import type { StoreFormProps } from './store-form.ts';
import { StoreName } from './store-name.tsx';
import classes from './add-store.module.css';

/** The form for a folder on another disk or share. */
export function AddFolder({ onAdd, busy, fault, onEdit, foot }: StoreFormProps): ReactNode {
  const [path, setPath] = useState('');
  const [name, setName] = useState('');
  const [picking, setPicking] = useState(false);
  const said = path.trim();
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (said !== '') onAdd({ kind: 'folder', path: said, ...(name.trim() === '' ? {} : { name: name.trim() }) });
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
              <Group gap="sm" wrap="nowrap" align="end">
                <div className={classes['grow']}>{input}</div>
                <Button variant="default" onClick={() => setPicking(true)} disabled={busy}>
                  Choose…
                </Button>
              </Group>
            )}
          />
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
