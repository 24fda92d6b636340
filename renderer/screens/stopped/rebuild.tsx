import { Button, Group, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { NewStore, Problem, StoppedStart } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { counted } from '../../parts/figures.tsx';
import { FieldProblem } from '../../parts/field-problem.tsx';
import { FolderPicker } from '../../parts/folder-picker.tsx';
import { visibleName } from '../../parts/name.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { AddS3 } from '../stores/add-s3.tsx';
import { fieldOf } from '../stores/fields.ts';
import classes from './stopped.module.css';

type From = Parameters<typeof engine.start.rebuild>[0]['from'];

/** What stands for a store that a person describes; no store's name begins so. */
const described = { folder: ':folder', s3: ':s3' } as const;

/** A new catalog from what one store holds. */
export function Rebuild({
  stores,
  busy,
}: {
  readonly stores: StoppedStart['stores'];
  readonly busy: boolean;
}): ReactNode {
  const [chosen, setChosen] = useState<string>();
  const [making, setMaking] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [tried, setTried] = useState<From>();
  const make = async (from: From, passphrase?: string) => {
    setMaking(true);
    setProblem(undefined);
    setTried(from);
    try {
      const { sources } = await engine.start.rebuild({ from, ...(passphrase === undefined ? {} : { passphrase }) });
      const files = sources.reduce((sum, source) => sum + source.files, 0);
      tell(
        `The new catalog knows ${counted(sources.length, 'source')} with ${counted(files, 'file')}. Look through Sources: say where each folder is and which other stores it is copied to.`,
      );
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setMaking(false);
    }
  };
  const disabled = busy || making;
  const locked = problem?.code === 'secret-locked';
  const foot = (
    <>
      {problem !== undefined && !locked && <ProblemNote problem={problem} />}
      {locked && tried !== undefined && (
        <Passphrase problem={problem} busy={disabled} onGive={(passphrase) => void make(tried, passphrase)} />
      )}
    </>
  );
  return (
    <Section
      title="Make a new catalog from a store"
      lead="Strongroom reads all that one store holds: every file, every version, with its times. With many files it takes a while. Settings and the list of past runs begin anew, and each source has to be told again which other stores it is copied to."
    >
      <Stack gap="lg">
        <Radio.Group
          label="Read which store"
          value={chosen ?? ''}
          onChange={(value) => {
            setChosen(value);
            setProblem(undefined);
          }}
        >
          <Stack gap="sm" mt="xs">
            {stores.map(({ name, place }) => (
              <Radio
                key={name}
                value={name}
                disabled={disabled}
                label={visibleName(name)}
                description={visibleName(place)}
              />
            ))}
            <Radio
              value={described.folder}
              disabled={disabled}
              label={stores.length === 0 ? 'A folder on a disk or share' : 'Another folder on a disk or share'}
              description="The one with the folders “files”, “history” and “strongroom” in it."
            />
            <Radio
              value={described.s3}
              disabled={disabled}
              label={stores.length === 0 ? 'A bucket of Amazon S3' : 'Another bucket of Amazon S3'}
              description="Or of a server that speaks the same. You need its name and a key that may read it."
            />
          </Stack>
        </Radio.Group>
        {!stores.some(({ kind }) => kind === 'drive') && (
          <Text className={classes['quiet']}>
            Google Drive cannot be chosen here: signing in is possible only once Strongroom has started. If Google Drive
            is the only store that you have, ask whoever looks after this computer to run{' '}
            <code>strongroom rebuild --from drive://…</code> in a terminal.
          </Text>
        )}
        {chosen === described.folder ? (
          <FromFolder
            busy={disabled}
            loading={making}
            problem={problem}
            onMake={(store) => void make({ is: 'new', store })}
          />
        ) : chosen === described.s3 ? (
          <AddS3
            busy={disabled}
            onAdd={(store) => void make({ is: 'new', store })}
            onEdit={() => setProblem(undefined)}
            onRefused={() => undefined}
            fault={(field) =>
              problem !== undefined && fieldOf('s3', problem.code) === field ? (
                <FieldProblem problem={problem} />
              ) : undefined
            }
            foot={({ ready }) => (
              <div>
                <Button type="submit" loading={making} disabled={disabled || !ready}>
                  Make a new catalog
                </Button>
              </div>
            )}
          />
        ) : (
          <div>
            <Button
              variant="default"
              loading={making}
              disabled={disabled || chosen === undefined}
              onClick={() => {
                if (chosen !== undefined) void make({ is: 'known', name: chosen });
              }}
            >
              Make a new catalog
            </Button>
          </div>
        )}
        {foot}
      </Stack>
    </Section>
  );
}

function FromFolder({
  busy,
  loading,
  problem,
  onMake,
}: {
  readonly busy: boolean;
  readonly loading: boolean;
  readonly problem: Problem | undefined;
  readonly onMake: (store: NewStore) => void;
}): ReactNode {
  const [path, setPath] = useState('');
  const [picking, setPicking] = useState(false);
  const said = path.trim();
  return (
    <>
      <form
        noValidate
        className={classes['stack']}
        onSubmit={(event) => {
          event.preventDefault();
          if (said !== '') onMake({ kind: 'folder', path: said });
        }}
      >
        <TextInput
          label="Folder with the copies"
          value={path}
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          required
          disabled={busy}
          aria-invalid={problem !== undefined}
          onChange={(event) => setPath(event.currentTarget.value)}
          inputContainer={(input) => (
            <Group gap="sm" wrap="nowrap" align="end">
              <div className={classes['grow']}>{input}</div>
              <Button variant="default" onClick={() => setPicking(true)} disabled={busy}>
                Choose…
              </Button>
            </Group>
          )}
        />
        <div>
          <Button type="submit" loading={loading} disabled={busy || said === ''}>
            Make a new catalog
          </Button>
        </div>
      </form>
      <FolderPicker
        opened={picking}
        title="Choose the folder with the copies"
        start={said}
        onClose={() => setPicking(false)}
        onPick={setPath}
      />
    </>
  );
}

function Passphrase({
  problem,
  busy,
  onGive,
}: {
  readonly problem: Problem;
  readonly busy: boolean;
  readonly onGive: (passphrase: string) => void;
}): ReactNode {
  const [passphrase, setPassphrase] = useState('');
  return (
    <form
      noValidate
      className={classes['stack']}
      onSubmit={(event) => {
        event.preventDefault();
        if (passphrase !== '') onGive(passphrase);
      }}
    >
      <PasswordInput
        label="Passphrase of the vault"
        description="The keys of the stores lie in an encrypted file on this computer. Its passphrase opens it."
        value={passphrase}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the passphrase' }}
        error={<FieldProblem problem={problem} />}
        disabled={busy}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" disabled={busy || passphrase === ''}>
          Open the vault and go on
        </Button>
      </div>
    </form>
  );
}
