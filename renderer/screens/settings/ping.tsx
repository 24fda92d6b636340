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
            ? 'No address is called from now on.'
            : 'Saved. The address is called from now on, each time a run has ended and all is well.',
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
          each time a run has ended and all is well. A monitoring service at that address (healthchecks.io, or one that
          your IT department has) waits for these calls, and tells you when they stop.
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
          description="The monitoring service gives it to you. Nothing about your files is sent there. Leave it empty if you have none."
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
