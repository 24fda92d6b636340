import { Button } from '@mantine/core';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ButtonLink } from '../parts/button-link.tsx';
import { Empty } from '../parts/empty.tsx';
import { Page } from '../parts/page.tsx';

/** An address that leads to no screen. */
export function Nowhere(): ReactNode {
  return (
    <Page title="No such screen" width="text">
      <Empty
        drawing="search"
        title="There is nothing at this address"
        action={<ButtonLink to="/">Go to the overview</ButtonLink>}
      >
        The address may be of an older Strongroom, or mistyped. Nothing has happened to your files or their copies.
      </Empty>
    </Page>
  );
}

/** A screen that could not be drawn. */
export function Broken({ reset }: ErrorComponentProps): ReactNode {
  const router = useRouter();
  return (
    <Page title="This screen could not be shown" width="text">
      <Empty
        drawing="away"
        title="The window made a mistake"
        action={
          <Button
            onClick={() => {
              reset();
              void router.invalidate();
            }}
          >
            Show it again
          </Button>
        }
      >
        Copying goes on in the background; your files and their copies are not affected. If showing it again does not
        help, close the window and open it again. If that does not help either, export the diagnostics under Settings
        and pass them on to whoever looks after Strongroom.
      </Empty>
    </Page>
  );
}
