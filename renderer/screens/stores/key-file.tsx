import { Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { ForAdministrators } from './for-administrators.tsx';
import { readTextFile } from './text-file.ts';
import classes from './add-store.module.css';

/** Takes the key file of a service account, whose text goes straight to `onGive`. */
export function KeyFile({
  given,
  onGive,
}: {
  readonly given: boolean;
  readonly onGive: (text: string) => void;
}): ReactNode {
  const [fault, setFault] = useState<string>();
  const take = async (file: File | null) => {
    if (file === null) return;
    const read = await readTextFile(file);
    setFault('why' in read ? read.why : undefined);
    if ('text' in read) onGive(read.text);
  };
  return (
    <Stack gap="sm" align="start">
      <Text>
        For a file server that nobody sits at. The account must be a content manager of the shared drive. Your
        administrator gives you a key file, which is a password: it goes into the keychain of this computer or
        Strongroom’s encrypted vault. Delete the file afterwards.
      </Text>
      <Group gap="sm">
        <FileButton accept="application/json,.json" onChange={(file) => void take(file)}>
          {(props) => (
            <Button variant="default" {...props}>
              {given ? 'Choose another key file…' : 'Choose the key file…'}
            </Button>
          )}
        </FileButton>
        <ForAdministrators />
      </Group>
      {given && (
        <div className={classes['done']} role="status">
          <IconCircleCheck size={22} aria-hidden /> The key file is read.
        </div>
      )}
      {fault !== undefined && (
        <Text size="sm" c="var(--bad)" role="alert">
          {fault}
        </Text>
      )}
    </Stack>
  );
}
