import { Anchor, Button, CopyButton, FileButton, Group, Loader, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Problem } from '../../../shared/contract/shapes.ts';
import { engine, query } from '../../app/rpc.ts';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { ForAdministrators } from './for-administrators.tsx';
import { readTextFile } from './text-file.ts';
import { Unlock } from '../../parts/unlock.tsx';
import classes from './add-store.module.css';

type State =
  | { readonly at: 'idle' | 'starting' | 'done' }
  | { readonly at: 'waiting'; readonly url: string }
  | { readonly at: 'failed'; readonly problem: Problem };

interface SignInProps {
  /** The store that the sign-in is for, where it exists already. */
  readonly store?: string;
  /** Whether it must see folders and shared drives that people made, and not only what Strongroom made itself. */
  readonly allFiles?: boolean;
  /** The only Google account that is taken. */
  readonly account?: string;
  /** A stand-in for Google on this computer. */
  readonly endpoint?: string;
  /** Given the ticket under which the sign-in waits for its store. */
  readonly onSignedIn?: (ticket: string) => void;
}

/** Signs in to Google in the browser: the institution's client is asked for once, then Google's page is waited for. */
export function SignIn({ store, allFiles, account, endpoint, onSignedIn }: SignInProps): ReactNode {
  const client = useQueryClient();
  const known = useQuery(query.stores.hasClient.queryOptions());
  const about = useQuery(query.app.about.queryOptions());
  const [file, setFile] = useState<{ readonly name: string; readonly text: string }>();
  const [fileFault, setFileFault] = useState<string>();
  const [another, setAnother] = useState(false);
  const [state, setState] = useState<State>({ at: 'idle' });
  const ending = useRef<AbortController>(undefined);
  useEffect(() => () => ending.current?.abort(), []);

  const start = async () => {
    ending.current?.abort();
    const own = new AbortController();
    ending.current = own;
    setState({ at: 'starting' });
    try {
      const events = await engine.stores.signIn(
        {
          ...(store === undefined ? {} : { store }),
          ...(file === undefined ? {} : { client: file.text }),
          ...(allFiles === undefined ? {} : { allFiles }),
          ...(account === undefined || account === '' ? {} : { account }),
          ...(endpoint === undefined || endpoint === '' ? {} : { endpoint }),
        },
        { signal: own.signal },
      );
      for await (const event of events) {
        if (own.signal.aborted) return;
        if (event.type === 'open') setState({ at: 'waiting', url: event.url });
        else {
          setState({ at: 'done' });
          onSignedIn?.(event.ticket);
          await client.invalidateQueries({ queryKey: query.stores.key() });
        }
      }
    } catch (error) {
      if (!own.signal.aborted) setState({ at: 'failed', problem: problemOf(error) });
    }
  };
  const cancel = () => {
    ending.current?.abort();
    setState({ at: 'idle' });
  };
  const takeFile = async (given: File | null) => {
    if (given === null) return;
    const read = await readTextFile(given);
    setFileFault('why' in read ? read.why : undefined);
    if ('text' in read) setFile({ name: given.name, text: read.text });
  };

  if (state.at === 'done') {
    return (
      <div className={classes['done']} role="status">
        <IconCircleCheck size={22} aria-hidden /> Signed in to Google.
      </div>
    );
  }
  if (state.at === 'waiting') return <Waiting url={state.url} onCancel={cancel} />;
  if (about.data?.secretsKeptIn === 'locked-vault' || about.data?.secretsKeptIn === 'no-vault') {
    return (
      <Stack gap="md">
        <Text>
          Sign-ins are kept in Strongroom’s vault, an encrypted file on this computer. Enter its passphrase before you
          sign in.
        </Text>
        <Unlock />
      </Stack>
    );
  }
  const needsFile = known.data !== true || another;
  return (
    <Stack gap="md" align="start">
      {needsFile ? (
        <>
          <Text>
            Google asks which institution’s program signs in. Your administrator makes a file for that once; Strongroom
            keeps it for next time. It is called something like <b>client_secret_….json</b>.
          </Text>
          <Group gap="sm">
            <FileButton accept="application/json,.json" onChange={(given) => void takeFile(given)}>
              {(props) => (
                <Button variant="default" {...props}>
                  {file === undefined ? 'Choose the file from your administrator…' : 'Choose another file…'}
                </Button>
              )}
            </FileButton>
            <ForAdministrators />
          </Group>
          {file !== undefined && (
            <Text size="sm" role="status">
              Chosen: {file.name}
            </Text>
          )}
          {fileFault !== undefined && (
            <Text size="sm" c="var(--bad)" role="alert">
              {fileFault}
            </Text>
          )}
        </>
      ) : (
        <Text>
          Google’s page opens in the browser. Choose the account that the copies belong to, and leave the box for Google
          Drive ticked.{' '}
          <Anchor component="button" type="button" onClick={() => setAnother(true)}>
            Use another file from the administrator
          </Anchor>
        </Text>
      )}
      {state.at === 'failed' && <ProblemNote problem={state.problem} />}
      {state.at === 'failed' && state.problem.code === 'secret-locked' && <Unlock onOpened={() => void start()} />}
      <Button onClick={() => void start()} loading={state.at === 'starting'} disabled={needsFile && file === undefined}>
        Sign in with Google
      </Button>
    </Stack>
  );
}

function Waiting({ url, onCancel }: { readonly url: string; readonly onCancel: () => void }): ReactNode {
  return (
    <Stack gap="sm" className={classes['waiting']} align="start">
      <Group gap="sm" role="status">
        <Loader size={18} aria-hidden />
        <Text fw={600}>Waiting for you to sign in on Google’s page…</Text>
      </Group>
      <Text>
        The page should have opened in your browser. If it did not, open it from here, or copy its address into a
        browser on this computer.
      </Text>
      <Text className={classes['address']} lineClamp={3}>
        {url}
      </Text>
      <Group gap="sm">
        <Button component="a" href={url} target="_blank" rel="noreferrer" variant="default">
          Open Google’s page
        </Button>
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Address copied' : 'Copy the address'}
            </Button>
          )}
        </CopyButton>
        <Button variant="subtle" onClick={onCancel}>
          Cancel the sign-in
        </Button>
      </Group>
    </Stack>
  );
}
