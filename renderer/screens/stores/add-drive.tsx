import { SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { NewStore } from '../../../shared/contract/shapes.ts';
import type { StoreFormProps } from './store-form.ts';
import { parseDriveAddress, parseDrivePath } from './drive-address.ts';
import { KeyFile } from './key-file.tsx';
import { SignIn } from './sign-in.tsx';
import { StoreName } from './store-name.tsx';
import classes from './add-store.module.css';

type DriveStore = Extract<NewStore, { kind: 'drive' }>;
type Credential = DriveStore['credential'];

/** The form for a folder of Google Drive: who signs in, and where the copies lie. */
export function AddDrive({ onAdd, busy, fault, onRefused, onEdit, foot }: StoreFormProps): ReactNode {
  const [who, setWho] = useState<'person' | 'service'>('person');
  const [credential, setCredential] = useState<Credential>();
  const [where, setWhere] = useState<'shared' | 'mine'>('shared');
  const [address, setAddress] = useState('');
  const [path, setPath] = useState('Strongroom');
  const [account, setAccount] = useState('');
  const [endpoint, setEndpoint] = useState('');
  const [name, setName] = useState('Google Drive');
  const [tried, setTried] = useState(false);

  const folder = where === 'mine' ? { folder: 'root' } : parseDriveAddress(address);
  const below = parseDrivePath(path);
  const submit = () => {
    setTried(true);
    if (credential === undefined || 'why' in folder || 'why' in below) {
      onRefused();
      return;
    }
    onAdd({
      kind: 'drive',
      folder: folder.folder,
      path: below.path,
      credential,
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(endpoint.trim() === '' ? {} : { endpoint: endpoint.trim() }),
    });
  };
  const credentialFault = fault('credential');
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="xl">
        <Stack gap="sm" component="fieldset" className={classes['part']}>
          <legend className={classes['legend']}>Where the copies lie</legend>
          <SegmentedControl
            aria-label="Where the copies lie"
            value={where}
            data={[
              { value: 'shared', label: 'A shared drive (recommended)' },
              { value: 'mine', label: 'My Drive' },
            ]}
            disabled={busy}
            onChange={(value) => {
              setWhere(value);
              // Each needs another permission of Google.
              setCredential(undefined);
              onEdit();
            }}
          />
          <Text size="sm">
            {where === 'shared'
              ? 'What lies in a shared drive belongs to the institution and stays when somebody leaves. In My Drive it goes with the person’s account.'
              : 'The copies lie in the Drive of the account that signs in, and go when that account is closed. A shared drive is safer. Here, Strongroom asks Google for its own files only, and sees nothing else.'}
          </Text>
          {where === 'shared' && (
            <TextInput
              label="Address of the shared drive or folder"
              description="Open it in Google Drive, and copy the address of the page: https://drive.google.com/drive/folders/…"
              value={address}
              dir="ltr"
              spellCheck={false}
              autoComplete="off"
              required
              disabled={busy}
              error={fault('folder') ?? ((tried || address.length > 0) && 'why' in folder ? folder.why : undefined)}
              onChange={(event) => {
                setAddress(event.currentTarget.value);
                onEdit();
              }}
            />
          )}
          <TextInput
            label="Folder for the copies in it"
            description="Strongroom makes it where it is missing. Left empty, the copies lie in the place itself."
            value={path}
            spellCheck={false}
            autoComplete="off"
            disabled={busy}
            error={'why' in below ? below.why : where === 'mine' ? fault('folder') : undefined}
            onChange={(event) => {
              setPath(event.currentTarget.value);
              onEdit();
            }}
          />
        </Stack>
        <Stack gap="sm" component="fieldset" className={classes['part']}>
          <legend className={classes['legend']}>Who signs in</legend>
          {where === 'shared' && (
            <SegmentedControl
              aria-label="Who signs in"
              value={who}
              data={[
                { value: 'person', label: 'A person, in the browser' },
                { value: 'service', label: 'A service account' },
              ]}
              disabled={busy}
              onChange={(value) => {
                setWho(value);
                setCredential(undefined);
                onEdit();
              }}
            />
          )}
          {where === 'mine' || who === 'person' ? (
            <SignIn
              // What was signed in to with another account or address is of no use here.
              key={`${where} ${account} ${endpoint}`}
              allFiles={where === 'shared'}
              account={account.trim()}
              endpoint={endpoint.trim()}
              onSignedIn={(ticket) => {
                setCredential({ kind: 'signed-in', ticket });
                onEdit();
              }}
            />
          ) : (
            <KeyFile
              given={credential !== undefined}
              onGive={(text) => {
                setCredential({ kind: 'key-file', text });
                onEdit();
              }}
            />
          )}
          {credentialFault !== undefined && (
            <Text size="sm" c="var(--bad)" role="alert" data-fault>
              {credentialFault}
            </Text>
          )}
          <details className={classes['more']}>
            <summary>More settings for the sign-in</summary>
            <Stack gap="md" mt="sm">
              <TextInput
                label="Only this Google account"
                description="If you write one, Strongroom refuses a sign-in with any other: copies@library.example"
                type="email"
                value={account}
                autoComplete="off"
                disabled={busy}
                onChange={(event) => {
                  setAccount(event.currentTarget.value);
                  setCredential(undefined);
                }}
              />
              <TextInput
                label="Stand-in for Google on this computer"
                description="Only for trying Strongroom out without Google: http://127.0.0.1 and a port. Left empty, it is Google."
                value={endpoint}
                dir="ltr"
                autoComplete="off"
                disabled={busy}
                onChange={(event) => {
                  setEndpoint(event.currentTarget.value);
                  setCredential(undefined);
                }}
              />
            </Stack>
          </details>
        </Stack>
        <StoreName
          value={name}
          suggestion="google-drive"
          disabled={busy}
          error={fault('name')}
          onChange={(value) => {
            setName(value);
            onEdit();
          }}
        />
        {foot({ ready: credential !== undefined })}
      </Stack>
    </form>
  );
}
