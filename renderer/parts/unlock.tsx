import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { query } from '../app/rpc.ts';
import { problemOf } from './problem.tsx';
import { FieldProblem } from './field-problem.tsx';

/**
 * Opens the vault file in which keys lie where this computer has no keychain; the first time, it makes one. No form of
 * its own, so that it can stand inside others.
 */
export function Unlock({ onOpened }: { readonly onOpened?: () => void }): ReactNode {
  const client = useQueryClient();
  const [passphrase, setPassphrase] = useState('');
  const opening = useMutation(
    query.app.unlock.mutationOptions({
      onSuccess: async () => {
        setPassphrase('');
        await client.invalidateQueries();
        onOpened?.();
      },
    }),
  );
  const open = () => {
    if (passphrase !== '') opening.mutate({ passphrase });
  };
  return (
    <Stack gap="md">
      <PasswordInput
        label="Passphrase of the vault"
        description="This computer has no keychain, so keys lie in an encrypted file. If there is none yet, the passphrase that you write here makes it: note it down, without it the keys cannot be read."
        value={passphrase}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the passphrase' }}
        error={opening.error === null ? undefined : <FieldProblem problem={problemOf(opening.error)} />}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          open();
        }}
      />
      <Group>
        <Button onClick={open} loading={opening.isPending} disabled={passphrase === ''}>
          Open the vault
        </Button>
      </Group>
    </Stack>
  );
}
