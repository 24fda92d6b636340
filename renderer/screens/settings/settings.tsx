import { SegmentedControl, Stack, Switch, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Settings as SettingsShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { PageLoading } from '../../parts/loading.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf, tellProblem } from '../../parts/problem.tsx';
import { Diagnostics } from './diagnostics.tsx';
import { EmailAlerts } from './email-alerts.tsx';
import { Ping } from './ping.tsx';
import { SampleMaterials } from './sample-materials.tsx';
import { ThisComputer } from './this-computer.tsx';
import { Updates } from './updates.tsx';
import { useChange, useSettings } from './use-settings.ts';

/** How Strongroom behaves on this computer, how it calls for help, and where it keeps what it knows. */
export function Settings(): ReactNode {
  const { data: settings, error, refetch } = useSettings();
  return (
    <Page title="Settings" width="text">
      {settings !== undefined ? (
        <Filled settings={settings} />
      ) : error !== null ? (
        <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />
      ) : (
        <PageLoading label="The settings are on their way…" />
      )}
    </Page>
  );
}

function Filled({ settings }: { readonly settings: SettingsShape }): ReactNode {
  return (
    <>
      <Appearance settings={settings} />
      <Behaviour settings={settings} />
      <EmailAlerts settings={settings} />
      <Ping settings={settings} />
      <Updates settings={settings} />
      <ThisComputer />
      <SampleMaterials />
      <Diagnostics />
    </>
  );
}

function Appearance({ settings }: { readonly settings: SettingsShape }): ReactNode {
  const { setColorScheme } = useMantineColorScheme();
  const change = useChange();
  return (
    <Section title="Appearance">
      <SegmentedControl
        aria-label="Appearance"
        value={settings.appearance}
        onChange={(appearance) => {
          setColorScheme(appearance === 'system' ? 'auto' : appearance);
          void change({ appearance }).catch(tellProblem);
        }}
        data={[
          { value: 'system', label: 'As the computer' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
    </Section>
  );
}

function Behaviour({ settings }: { readonly settings: SettingsShape }): ReactNode {
  const change = useChange();
  const { data: about } = useQuery(query.app.about.queryOptions());
  if (about === undefined) return null;
  if (about.door === 'web')
    return (
      <Section title="Starting and notifications">
        Strongroom is shown in a browser here. It runs until whoever started it ends it, and copies are only made while
        it runs. The desktop app can start with the computer and notify you when you are needed; e-mail alerts, below,
        work here too.
      </Section>
    );
  return (
    <Section title="Starting and notifications">
      <Stack gap="lg">
        <Switch
          label="Start when I sign in to this computer"
          description="In the background, as an icon beside the clock. Copies are only made while Strongroom runs."
          checked={settings.startAtLogin}
          onChange={(event) => void change({ startAtLogin: event.currentTarget.checked }).catch(tellProblem)}
        />
        <Switch
          label="Notify me when I am needed"
          description="Only then, and never twice for the same thing."
          checked={settings.notifications}
          onChange={(event) => void change({ notifications: event.currentTarget.checked }).catch(tellProblem)}
        />
      </Stack>
    </Section>
  );
}
