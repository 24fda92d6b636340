import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { engine, query } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { ButtonLink } from '../../parts/button-link.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Section } from '../../parts/page.tsx';
import classes from './settings.module.css';

/** The way to the sample materials, and the way out of them. */
export function SampleMaterials(): ReactNode {
  const [asking, setAsking] = useState(false);
  const stores = useQuery(query.stores.list.queryOptions());
  // Where it cannot be known, they may be there.
  const made = stores.error !== null || stores.data?.some(({ sample }) => sample === true) === true;
  return (
    <Section
      title="Sample materials"
      lead="A small folder with scans, a PDF, a spreadsheet and a sound recording, and with a few days of history, for trying things out. It is made on the welcome page."
    >
      <div className={classes['buttons']}>
        <ButtonLink to="/welcome" variant="default">
          Go to the welcome page
        </ButtonLink>
        {made && (
          <Button variant="default" onClick={() => setAsking(true)}>
            Remove the sample materials…
          </Button>
        )}
      </div>
      <Confirm
        opened={asking}
        title="Remove the sample materials?"
        action="Remove them"
        grave
        onClose={() => setAsking(false)}
        run={async () => {
          await engine.sources.removeSample();
          tell('The sample materials are removed.');
        }}
      >
        <Text>
          The sample folder, its two stores and their copies are removed from this computer, with whatever you put into
          them. Your own sources, stores and copies are not touched.
        </Text>
      </Confirm>
    </Section>
  );
}
