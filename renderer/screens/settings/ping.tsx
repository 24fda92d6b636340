import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Problem, Settings } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { useChange } from './use-settings.ts';
import classes from './settings.module.css';

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** The dead-man's switch: an address that is called while all is well, so that silence raises the alarm elsewhere. */
export function Ping({ settings }: { readonly settings: Settings }): ReactNode {
  const { pingUrl } = settings;
  const [text, setText] = useState(pingUrl ?? '');
  const [fault, setFault] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState<'save' | 'test'>();
  const change = useChange();
  const go = async (how: 'save' | 'test') => {
    const address = text.trim();
    setProblem(undefined);
    if (address === '' ? how === 'test' : !isWebAddress(address)) {
      setFault('A web address is needed; it begins with https:// or http://.');
      return;
    }
    setFault(undefined);
    setBusy(how);
    try {
      await change({ pingUrl: address === '' ? null : address });
      if (how === 'test') await engine.settings.testPing();
      tell(
        how === 'test'
          ? 'The address was called, and answered.'
          : address === ''
            ? 'No address is called any more.'
            : 'The address is called from now on.',
      );
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <Section
      title="An alarm if Strongroom falls silent"
      lead={
        <>
          E-mail cannot tell you that this computer is broken, stolen or switched off. So Strongroom calls a web address
          after every round in which all was well. A monitoring service at that address (healthchecks.io or one of your
          IT department) expects the call, and tells you when it stays away.
        </>
      }
    >
      <form
        noValidate
        className={classes['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void go('save');
        }}
      >
        <TextInput
          label="Address to call"
          description="The monitoring service gives it to you. Nothing but the call itself is sent there. Empty: none."
          value={text}
          error={fault}
          type="url"
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {problem !== undefined && <ProblemNote problem={problem} />}
        <Group>
          <Button type="submit" loading={busy === 'save'} disabled={busy === 'test' || text.trim() === (pingUrl ?? '')}>
            Save
          </Button>
          <Button
            variant="default"
            loading={busy === 'test'}
            disabled={busy === 'save' || text.trim() === ''}
            onClick={() => void go('test')}
          >
            Save and call it now
          </Button>
          {pingUrl !== null && <Text className={classes['quiet']}>On.</Text>}
        </Group>
      </form>
    </Section>
  );
}
