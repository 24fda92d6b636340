import { Anchor, Button, Modal, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './add-store.module.css';

/** What an administrator sets up at Google, once. The whole of it is in the sign-in part's README. */
export function ForAdministrators(): ReactNode {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="subtle" onClick={open}>
        For administrators: how this file is made
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title="Google Drive: what an administrator sets up once"
        size="xl"
        // Over a drawer, whose own header is a banner already.
        attributes={{ header: { role: 'presentation' } }}
      >
        <div className={classes['prose']}>
          <Text>
            Strongroom signs in with a client that belongs to your institution, so that you see who uses it, set its
            limits, and can take it back. It takes about a quarter of an hour.
          </Text>
          <Title order={3} size="h5" mt="md">
            For workstations that people use
          </Title>
          <ol>
            <li>
              Open <Out to="https://console.cloud.google.com" />, and create a project, for example “Strongroom”.
            </li>
            <li>
              Under <i>APIs &amp; Services, Library</i>, find <b>Google Drive API</b> and enable it.
            </li>
            <li>
              Under <i>Google Auth Platform, Audience</i>, choose <b>Internal</b>. Then only accounts of your
              institution can sign in, and a sign-in does not end by itself.
            </li>
            <li>
              Under <i>Clients</i>, create a client of the type <b>Desktop app</b>, and download its JSON file. That is
              the file which Strongroom asks for.
            </li>
            <li>
              If your Workspace restricts apps: in the Admin console under{' '}
              <i>Security, Access and data control, API controls</i>, trust this client.
            </li>
          </ol>
          <Title order={3} size="h5" mt="md">
            For file servers that nobody sits at: a service account
          </Title>
          <ol>
            <li>
              In the project, under <i>IAM &amp; Admin, Service accounts</i>, create one, and under its <i>Keys</i> add
              a key of the type <b>JSON</b>. This file is a password: give it to nobody else, and delete it once
              Strongroom has it.
            </li>
            <li>
              In Google Drive, add the service account’s address to the shared drive as a <b>Content manager</b>. Google
              gives service accounts no storage of their own, so it must be a shared drive.
            </li>
          </ol>
          <Title order={3} size="h5" mt="md">
            Why a shared drive
          </Title>
          <Text>
            What lies in a shared drive belongs to the institution and not to a person, and stays when the person goes.
          </Text>
        </div>
      </Modal>
    </>
  );
}

function Out({ to }: { readonly to: string }): ReactNode {
  return (
    <Anchor href={to} target="_blank" rel="noreferrer">
      {to}
    </Anchor>
  );
}
