import { Button, CopyButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { Bytes } from '../../parts/figures.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name } from '../../parts/name.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { Unlock } from '../../parts/unlock.tsx';
import { Licences } from '../../parts/licences.tsx';
import classes from './settings.module.css';

const secretsWords = {
  keychain: 'In the keychain of this computer.',
  vault: 'In an encrypted file beside the catalog, the vault. It is unlocked.',
  'no-vault': 'In an encrypted file beside the catalog, the vault. It is made when there is something to keep.',
  'locked-vault': 'In an encrypted file beside the catalog, the vault. It is locked.',
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
                <Bytes value={about.catalogBytes} />. It knows every file, version and copy, and can be made anew from
                any one store.
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
          </dl>
          {(about.secretsKeptIn === 'locked-vault' || about.secretsKeptIn === 'no-vault') && (
            <Unlock onOpened={() => tell('The vault is open; what waited for it goes on.')} />
          )}
          <Licences />
        </>
      )}
    </Section>
  );
}
