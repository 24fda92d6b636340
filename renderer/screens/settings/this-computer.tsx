import { Button, CopyButton, PasswordInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../../../shared/contract/shapes.ts';
import { engine, query } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { Bytes } from '../../parts/figures.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name } from '../../parts/name.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import classes from './settings.module.css';

const secretsWords = {
  keychain: 'In the keychain of this computer’s system.',
  vault: 'In an encrypted vault file beside the catalog, which is unlocked.',
  'locked-vault': 'In an encrypted vault file beside the catalog, which is locked.',
} as const;

/** Where Strongroom keeps what it knows, and how large that is. */
export function ThisComputer(): ReactNode {
  const { data: about, error, refetch } = useQuery(query.app.about.queryOptions());
  return (
    <Section title="On this computer">
      {error !== null ? (
        <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />
      ) : about === undefined ? (
        <RowsLoading rows={4} />
      ) : (
        <>
          <dl className={classes['facts']}>
            <div>
              <dt>Catalog and settings</dt>
              <dd className={classes['path']}>
                <Name text={about.home} path lines={3} />
                <CopyButton value={about.home}>
                  {({ copied, copy }) => (
                    <Button size="compact-sm" variant="default" onClick={copy}>
                      {copied ? 'Copied' : 'Copy the path'}
                    </Button>
                  )}
                </CopyButton>
              </dd>
            </div>
            <div>
              <dt>Size of the catalog</dt>
              <dd>
                <Bytes value={about.catalogBytes} />. It can be made anew from any one store.
              </dd>
            </div>
            <div>
              <dt>Passwords and keys</dt>
              <dd>{secretsWords[about.secretsKeptIn]}</dd>
            </div>
            <div>
              <dt>This computer’s name</dt>
              <dd>
                <Name text={about.computer} lines={2} />
              </dd>
            </div>
            <div>
              <dt>Version</dt>
              <dd>
                Strongroom {about.version}, {about.door === 'web' ? 'in a browser' : 'the desktop app'}
              </dd>
            </div>
          </dl>
          {about.secretsKeptIn === 'locked-vault' && <Unlock />}
        </>
      )}
    </Section>
  );
}

function Unlock(): ReactNode {
  const [passphrase, setPassphrase] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const go = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await engine.app.unlock({ passphrase });
      tell('The vault is unlocked; copying goes on.');
      await client.invalidateQueries({ queryKey: query.app.key() });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setPassphrase('');
      setBusy(false);
    }
  };
  return (
    <form
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <PasswordInput
        label="Passphrase of the vault"
        description="Without it Strongroom cannot sign in to the stores. It is kept in memory alone, until Strongroom ends."
        value={passphrase}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the passphrase' }}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
      {problem !== undefined && <ProblemNote problem={problem} />}
      <div>
        <Button type="submit" loading={busy} disabled={passphrase === ''}>
          Unlock the vault
        </Button>
      </div>
    </form>
  );
}
