import { Button, Group, PasswordInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { KeyFile } from './key-file.tsx';
import { SignIn } from './sign-in.tsx';

/** Gives a store its key or sign-in anew. */
export function Credential({ store }: { readonly store: StoreShape }): ReactNode {
  switch (store.kind) {
    case 'drive':
      return <NewSignIn store={store} />;
    case 's3':
      return <NewKey store={store} />;
    case 'folder':
      return null;
  }
}

/** As whom a store in Drive signs in: a person, or a service account where the place can be one's. */
function NewSignIn({ store }: { readonly store: StoreShape }): ReactNode {
  // A person's sign-in ends; it is the key of a service account that is refused.
  const [who, setWho] = useState<'person' | 'service'>(
    store.problem?.code === 'store-wrong-key' ? 'service' : 'person',
  );
  return (
    <Stack gap="sm">
      <Text>
        Sign in again if the sign-in has ended, the password was changed or the key of the service account was replaced.
        Nothing that was copied is lost by that, and the work goes on where it stopped.
      </Text>
      <SegmentedControl
        aria-label="Who signs in"
        value={who}
        data={[
          { value: 'person', label: 'A person, in the browser' },
          { value: 'service', label: 'A service account' },
        ]}
        onChange={setWho}
      />
      {who === 'person' ? <SignIn store={store.name} /> : <NewKeyFile store={store} />}
    </Stack>
  );
}

function NewKeyFile({ store }: { readonly store: StoreShape }): ReactNode {
  const client = useQueryClient();
  const [text, setText] = useState<string>();
  const giving = useMutation(
    query.stores.setKeyFile.mutationOptions({
      onSuccess: async () => {
        setText(undefined);
        await client.invalidateQueries({ queryKey: query.stores.key() });
      },
    }),
  );
  return (
    <Stack gap="md">
      <KeyFile
        given={text !== undefined}
        onGive={(given) => {
          giving.reset();
          setText(given);
        }}
      />
      <Refusal of={giving} />
      <Group gap="sm">
        <Button
          loading={giving.isPending}
          disabled={text === undefined}
          onClick={() => {
            if (text !== undefined) giving.mutate({ name: store.name, text });
          }}
        >
          Use this key file
        </Button>
        <Text size="sm" c="var(--quiet)" role="status">
          {giving.isSuccess ? 'The key is kept, and the old one is forgotten.' : ''}
        </Text>
      </Group>
    </Stack>
  );
}

function NewKey({ store }: { readonly store: StoreShape }): ReactNode {
  const client = useQueryClient();
  const [id, setId] = useState('');
  const [secret, setSecret] = useState('');
  const giving = useMutation(
    query.stores.setKey.mutationOptions({
      onSuccess: async () => {
        setId('');
        setSecret('');
        await client.invalidateQueries({ queryKey: query.stores.key() });
      },
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        giving.mutate({ name: store.name, accessKeyId: id.trim(), secretAccessKey: secret });
      }}
    >
      <Stack gap="md">
        <Text>The new key takes the place of the old one in the keychain or vault. Neither is ever shown again.</Text>
        <TextInput
          label="Access key ID"
          value={id}
          dir="ltr"
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          required
          onChange={(event) => setId(event.currentTarget.value)}
        />
        <PasswordInput
          label="Secret access key"
          value={secret}
          dir="ltr"
          autoComplete="new-password"
          required
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the secret key' }}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        <Refusal of={giving} />
        <Group gap="sm">
          <Button type="submit" loading={giving.isPending} disabled={id.trim() === '' || secret === ''}>
            Use this key
          </Button>
          <Text size="sm" c="var(--quiet)" role="status">
            {giving.isSuccess ? 'The key is kept.' : ''}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
