import { Autocomplete, PasswordInput, SegmentedControl, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { NewStore } from '../../../shared/contract/shapes.ts';
import type { StoreFormProps } from './store-form.ts';
import { cleanPrefix, faultOfBucket, faultOfEndpoint, splitBucket, storageClasses } from './s3-fields.ts';
import { StoreName } from './store-name.tsx';
import classes from './add-store.module.css';

/** Regions of Amazon that people ask for most; any other can be typed. https://docs.aws.amazon.com/general/latest/gr/s3.html */
const regions = [
  'eu-central-1',
  'eu-central-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'eu-south-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ca-central-1',
  'ap-northeast-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'sa-east-1',
];

/** The form for a bucket of Amazon S3 or of a compatible server. */
export function AddS3({ onAdd, busy, fault, onRefused, onEdit, foot }: StoreFormProps): ReactNode {
  const [at, setAt] = useState<'amazon' | 'other'>('amazon');
  const [bucket, setBucket] = useState('');
  const [prefix, setPrefix] = useState('');
  const [region, setRegion] = useState('');
  const [endpoint, setEndpoint] = useState('');
  const [storageClass, setStorageClass] = useState('');
  const [keyId, setKeyId] = useState('');
  const [secret, setSecret] = useState('');
  const [versioning, setVersioning] = useState(true);
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);

  const edited = <T,>(set: (value: T) => void) => {
    return (value: T) => {
      set(value);
      onEdit();
    };
  };
  const bucketFault = faultOfBucket(bucket);
  const endpointFault =
    at === 'amazon'
      ? undefined
      : (faultOfEndpoint(endpoint) ?? (endpoint.trim() === '' ? 'Write the address of the server.' : undefined));
  const keyFault =
    (keyId.trim() === '') === (secret === '') ? undefined : 'Both parts of the key are needed, or neither of them.';
  const submit = () => {
    setTried(true);
    if (bucketFault !== undefined || endpointFault !== undefined || keyFault !== undefined) {
      onRefused();
      return;
    }
    const store: NewStore = {
      kind: 's3',
      bucket,
      prefix: cleanPrefix(prefix),
      enableVersioning: versioning,
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(region.trim() === '' ? {} : { region: region.trim() }),
      ...(at === 'amazon' ? {} : { endpoint: endpoint.trim() }),
      ...(at === 'amazon' && storageClass !== '' ? { storageClass } : {}),
      ...(secret === '' ? {} : { key: { accessKeyId: keyId.trim(), secretAccessKey: secret } }),
    };
    onAdd(store);
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="lg">
        <SegmentedControl
          aria-label="Whose server it is"
          value={at}
          data={[
            { value: 'amazon', label: 'Amazon S3' },
            { value: 'other', label: 'Another S3 server' },
          ]}
          disabled={busy}
          onChange={edited(setAt)}
        />
        {at === 'other' && (
          <TextInput
            label="Address of the server"
            description="Of Ceph, MinIO or any other server that speaks S3, as its administrator tells it: https://s3.library.example"
            value={endpoint}
            type="url"
            dir="ltr"
            required
            disabled={busy}
            error={fault('endpoint') ?? (tried ? endpointFault : undefined)}
            onChange={(event) => edited(setEndpoint)(event.currentTarget.value)}
          />
        )}
        <TextInput
          label="Bucket"
          description="The bucket must exist. An address like s3://bucket/folder can be pasted whole."
          value={bucket}
          dir="ltr"
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          required
          disabled={busy}
          error={fault('bucket') ?? (tried ? bucketFault : undefined)}
          onChange={(event) => {
            const parts = splitBucket(event.currentTarget.value);
            edited(setBucket)(parts.bucket);
            if (parts.prefix !== undefined) setPrefix(parts.prefix);
          }}
        />
        <TextInput
          label="Folder in the bucket"
          description="Left empty, the copies lie at the top of the bucket."
          value={prefix}
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          disabled={busy}
          onChange={(event) => edited(setPrefix)(event.currentTarget.value)}
        />
        <Autocomplete
          label="Region"
          description={
            at === 'amazon'
              ? 'Where the bucket lies, as its page in the AWS console shows it. Best far from your own building.'
              : 'Left empty unless the administrator of the server names one.'
          }
          data={regions}
          value={region}
          dir="ltr"
          disabled={busy}
          error={at === 'amazon' ? fault('endpoint') : undefined}
          onChange={edited(setRegion)}
        />
        {at === 'amazon' && <ChooseClass value={storageClass} disabled={busy} onChange={edited(setStorageClass)} />}
        <fieldset disabled={busy} className={classes['part']}>
          <legend className={classes['legend']}>Access key</legend>
          <Stack gap="md">
            <Text size="sm">
              The key goes into the keychain of this computer, or into Strongroom’s encrypted vault, and is never shown
              again. Left empty, Strongroom uses the AWS settings of this computer.
            </Text>
            <TextInput
              label="Access key ID"
              value={keyId}
              dir="ltr"
              spellCheck={false}
              autoCapitalize="none"
              autoComplete="off"
              onChange={(event) => edited(setKeyId)(event.currentTarget.value)}
            />
            <PasswordInput
              label="Secret access key"
              value={secret}
              dir="ltr"
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the secret key' }}
              error={fault('key') ?? (tried ? keyFault : undefined)}
              onChange={(event) => edited(setSecret)(event.currentTarget.value)}
            />
          </Stack>
        </fieldset>
        <Switch
          label="Turn on versioning if the bucket has it off"
          description="With versioning the bucket keeps what is replaced or deleted. Strongroom needs it to give back earlier versions. It holds for the whole bucket, and costs space for what it keeps."
          checked={versioning}
          disabled={busy}
          error={fault('versioning')}
          onChange={(event) => edited(setVersioning)(event.currentTarget.checked)}
        />
        <StoreName
          value={name}
          suggestion={bucket === '' ? 'library-copies' : bucket}
          disabled={busy}
          error={fault('name')}
          onChange={edited(setName)}
        />
        {foot({ ready: bucket !== '' })}
      </Stack>
    </form>
  );
}

function ChooseClass({
  value,
  disabled,
  onChange,
}: {
  readonly value: string;
  readonly disabled: boolean;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const chosen = storageClasses.find(({ id }) => id === value);
  return (
    <Stack gap="xs">
      <Select
        label="Storage class"
        description="How Amazon keeps new copies: what is cheap to keep is dear or slow to read."
        // Mantine takes an empty value for no choice at all.
        data={storageClasses.map(({ id, label }) => ({ value: id === '' ? 'STANDARD' : id, label }))}
        value={value === '' ? 'STANDARD' : value}
        disabled={disabled}
        allowDeselect={false}
        renderOption={({ option }) => {
          const shown = storageClasses.find(({ id }) => (id === '' ? 'STANDARD' : id) === option.value);
          return (
            <div>
              <div>{option.label}</div>
              <Text size="sm" c="var(--quiet)">
                {shown?.reading}
              </Text>
            </div>
          );
        }}
        onChange={(id) => onChange(id === null || id === 'STANDARD' ? '' : id)}
      />
      {chosen !== undefined && (
        <div className={classes['explained']} aria-live="polite">
          <Text size="sm">{chosen.suits}</Text>
          <Text size="sm">
            <b>{chosen.reading}</b> {chosen.cost}
          </Text>
        </div>
      )}
    </Stack>
  );
}
