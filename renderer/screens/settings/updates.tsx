import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { Problem, Settings, UpdateAnswer } from '../../../shared/contract/shapes.ts';
import { engine, query } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { visibleName } from '../../parts/name.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf, tellProblem } from '../../parts/problem.tsx';
import { updateWords } from './update-words.ts';
import { useChange } from './use-settings.ts';
import classes from './settings.module.css';

const ways = [
  {
    value: 'automatic',
    label: 'Install updates without asking',
    description: 'They are put in place at the next start, never in the middle of a run.',
  },
  { value: 'ask', label: 'Tell me, and install when I say so', description: '' },
  {
    value: 'off',
    label: 'Do not look for updates',
    description: 'For computers on which your IT department installs programs.',
  },
] as const;

/** Which version this is, whether newer ones are looked for, where, and what a look finds. */
export function Updates({ settings }: { readonly settings: Settings }): ReactNode {
  const { data: about } = useQuery(query.app.about.queryOptions());
  const change = useChange();
  if (about === undefined) return null;
  if (about.door === 'web')
    return (
      <Section title="Updates" lead={`This is Strongroom ${about.version}.`}>
        In a browser, Strongroom does not update itself. Whoever looks after this computer installs a newer version; the
        catalog, the settings and the copies stay as they are.
      </Section>
    );
  return (
    <Section title="Updates" lead={`This is Strongroom ${about.version}.`}>
      <Stack gap="lg">
        <Radio.Group
          label="When there is a newer version"
          value={settings.updates}
          onChange={(value) => {
            const way = ways.find((candidate) => candidate.value === value);
            if (way !== undefined) void change({ updates: way.value }).catch(tellProblem);
          }}
        >
          <Stack gap="xs" mt="xs">
            {ways.map(({ value, label, description }) => (
              <Radio key={value} value={value} label={label} description={description} />
            ))}
          </Stack>
        </Radio.Group>
        <Address settings={settings} />
        <LookNow settings={settings} />
      </Stack>
    </Section>
  );
}

/** https alone: what comes from there is run on this computer. */
function isSecureAddress(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
}

function Address({ settings: { updatesUrl } }: { readonly settings: Settings }): ReactNode {
  const [text, setText] = useState(updatesUrl ?? '');
  const [fault, setFault] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const change = useChange();
  const save = async () => {
    const address = text.trim();
    setProblem(undefined);
    if (address !== '' && !isSecureAddress(address)) {
      setFault('Write the whole address; it begins with https://, and has no name and password in it.');
      return;
    }
    setFault(undefined);
    setBusy(true);
    try {
      await change({ updatesUrl: address === '' ? null : address });
      tell(
        address === ''
          ? 'Newer versions are looked for at the address that came with this Strongroom.'
          : 'Newer versions are looked for at this address from now on.',
      );
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextInput
        label="Your institution’s address for updates"
        description="Only if your IT department gives you one. Leave it empty to look at the address that came with this Strongroom."
        value={text}
        error={fault}
        type="url"
        dir="ltr"
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {problem !== undefined && <ProblemNote problem={problem} />}
      <div>
        <Button type="submit" variant="default" loading={busy} disabled={text.trim() === (updatesUrl ?? '')}>
          Save the address
        </Button>
      </div>
    </form>
  );
}

function LookNow({ settings }: { readonly settings: Settings }): ReactNode {
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<UpdateAnswer>();
  const [problem, setProblem] = useState<Problem>();
  const look = async () => {
    setBusy(true);
    setAnswer(undefined);
    setProblem(undefined);
    try {
      setAnswer(await engine.app.lookForUpdates());
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Group align="center">
      <Button variant="default" loading={busy} onClick={() => void look()}>
        Check now
      </Button>
      <Text role="status" className={classes['answer']}>
        {busy
          ? 'Looking for a newer version …'
          : answer === undefined
            ? ''
            : visibleName(updateWords(answer, settings))}
      </Text>
      {problem !== undefined && <ProblemNote problem={problem} />}
    </Group>
  );
}
