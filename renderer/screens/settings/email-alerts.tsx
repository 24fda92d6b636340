import { Button, Group, NumberInput, PasswordInput, Radio, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Problem, Settings } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf, tellProblem } from '../../parts/problem.tsx';
import { addressesIn, faultsOf, fieldsOf, type EmailFaults } from './email-text.ts';
import { useChange } from './use-settings.ts';
import classes from './settings.module.css';

/** E-mail to whoever is needed, over the library's own mail server. */
export function EmailAlerts({ settings }: { readonly settings: Settings }): ReactNode {
  const { email } = settings;
  const [open, setOpen] = useState(email !== null);
  const change = useChange();
  return (
    <Section
      title="E-mail alerts"
      lead="One message when a person is needed: a sign-in that ended, a folder that cannot be reached, unusually many changes. Never twice for the same thing."
    >
      <Stack gap="lg">
        <Switch
          label="Send e-mail when someone is needed"
          checked={open}
          onChange={(event) => {
            const on = event.currentTarget.checked;
            setOpen(on);
            if (!on && email !== null) void change({ email: null }).catch(tellProblem);
          }}
        />
        {open && <EmailForm email={email} />}
      </Stack>
    </Section>
  );
}

function EmailForm({ email }: { readonly email: Settings['email'] }): ReactNode {
  const [fields, setFields] = useState(() => fieldsOf(email));
  const [faults, setFaults] = useState<EmailFaults>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState<'save' | 'test'>();
  const change = useChange();
  const set = (part: Partial<typeof fields>) => setFields((before) => ({ ...before, ...part }));
  const go = async (how: 'save' | 'test') => {
    const found = faultsOf(fields);
    setFaults(found);
    setProblem(undefined);
    if (Object.keys(found).length > 0) return;
    setBusy(how);
    try {
      const to = [...addressesIn(fields.to)];
      await change({
        email: {
          host: fields.host.trim(),
          port: Number(fields.port),
          secure: fields.secure,
          user: fields.user.trim(),
          hasPassword: email?.hasPassword ?? false,
          from: fields.from.trim(),
          to,
        },
        ...(fields.password !== '' && { emailPassword: fields.password }),
      });
      set({ password: '' });
      if (how === 'test') await engine.settings.testEmail();
      tell(how === 'test' ? `A test message is on its way to ${to.join(', ')}.` : 'The e-mail settings are saved.');
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <form
      noValidate
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault();
        void go('save');
      }}
    >
      <Text size="sm" className={classes['quiet']}>
        Fields with an asterisk (*) are needed.
      </Text>
      <TextInput
        label="Send to"
        description="One address or several, separated by commas."
        value={fields.to}
        error={faults.to}
        onChange={(event) => set({ to: event.currentTarget.value })}
        required
      />
      <TextInput
        label="Send from"
        description="The address that the messages come from: often one of the library’s own."
        value={fields.from}
        error={faults.from}
        onChange={(event) => set({ from: event.currentTarget.value })}
        required
      />
      <div className={classes['pair']}>
        <TextInput
          label="Mail server"
          description="Your IT department knows it."
          value={fields.host}
          error={faults.host}
          spellCheck={false}
          onChange={(event) => set({ host: event.currentTarget.value })}
          required
        />
        <NumberInput
          label="Port"
          description="Usually 587 or 465."
          value={fields.port}
          error={faults.port}
          min={1}
          max={65_535}
          hideControls
          allowDecimal={false}
          thousandSeparator=""
          onChange={(port) => set({ port })}
          required
        />
      </div>
      <Radio.Group
        label="Encryption"
        description="Your IT department knows which; most servers take the first."
        value={fields.secure ? 'tls' : 'starttls'}
        onChange={(value) => set({ secure: value === 'tls' })}
      >
        <Group mt="xs">
          <Radio value="starttls" label="STARTTLS (usually port 587)" />
          <Radio value="tls" label="TLS from the first word (usually port 465)" />
        </Group>
      </Radio.Group>
      <div className={classes['pair']}>
        <TextInput
          label="User name"
          description="Leave it empty if the server asks for none."
          value={fields.user}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => set({ user: event.currentTarget.value })}
        />
        <PasswordInput
          label="Password"
          description={
            email?.hasPassword === true
              ? 'One is kept. Type here only to replace it.'
              : 'Kept with the other passwords and keys.'
          }
          value={fields.password}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          onChange={(event) => set({ password: event.currentTarget.value })}
        />
      </div>
      {problem !== undefined && <ProblemNote problem={problem} />}
      <Group>
        <Button type="submit" loading={busy === 'save'} disabled={busy === 'test'}>
          Save
        </Button>
        <Button variant="default" loading={busy === 'test'} disabled={busy === 'save'} onClick={() => void go('test')}>
          Save and send a test message
        </Button>
        {email === null && <Text className={classes['quiet']}>Nothing is sent before you save.</Text>}
      </Group>
    </form>
  );
}
