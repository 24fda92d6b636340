import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ButtonLink } from '../../parts/button-link.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page, Section } from '../../parts/page.tsx';
import classes from './coming.module.css';

/** Proof that the copies are intact: what the next version does here, and where its parts are today. */
export function Integrity(): ReactNode {
  return (
    <Page title="Integrity" width="text">
      <Empty drawing="proof" title="This screen comes with a later version">
        It will check the copies in every store again by a schedule, repair a bad copy from a good one, and write a
        certificate of what was checked.
      </Empty>
      <Section title="What Strongroom does today" sheet>
        <ul className={classes['list']}>
          <li>
            <Text>
              <strong>Every copy is confirmed by a checksum when it is made.</strong> Until the store has confirmed it,
              it does not count as a copy.
            </Text>
            <ButtonLink to="/" variant="default" size="sm">
              See the overview
            </ButtonLink>
          </li>
          <li>
            <Text>
              <strong>The copies of one file:</strong> find the file and open it. Each of its versions lists its copies,
              their state and when each was last checked.
            </Text>
            <ButtonLink to="/browse" variant="default" size="sm">
              Browse
            </ButtonLink>
          </li>
          <li>
            <Text>
              <strong>A store as a whole:</strong> its check writes, reads and removes a small file of its own, and says
              of each step whether it worked.
            </Text>
            <ButtonLink to="/stores" variant="default" size="sm">
              Stores
            </ButtonLink>
          </li>
          <li>
            <Text>
              <strong>What was found so far,</strong> a bad copy or a file that decayed in its folder, is in the history
              of events.
            </Text>
            <ButtonLink to="/activity" search={{ events: true }} variant="default" size="sm">
              History of events
            </ButtonLink>
          </li>
        </ul>
      </Section>
    </Page>
  );
}

/** Help in a disaster: what the next version does here, and where its parts are today. */
export function Recovery(): ReactNode {
  return (
    <Page title="Recovery" width="text">
      <Empty drawing="lifebuoy" title="This screen comes with a later version">
        It will lead through a disaster step by step, from a new computer to every file being back, and rehearse that
        regularly so that you know it works.
      </Empty>
      <Section title="What you can do today" sheet>
        <ul className={classes['list']}>
          <li>
            <Text>
              <strong>Get a file or a folder back as it was on any day:</strong> choose the day with the time slider,
              select, and restore beside the original or anywhere else.
            </Text>
            <ButtonLink to="/browse" variant="default" size="sm">
              Browse
            </ButtonLink>
          </li>
          <li>
            <Text>
              <strong>Get a whole source back into a new place,</strong> if its server is lost: select everything in it
              and restore it into a folder.
            </Text>
            <ButtonLink to="/browse" variant="default" size="sm">
              Browse
            </ButtonLink>
          </li>
          <li>
            <Text>
              <strong>The copies outlive Strongroom.</strong> Every store holds plain files in plain folders. Without
              this computer, someone with a browser opens the store’s own pages and finds the latest files there.
            </Text>
            <ButtonLink to="/stores" variant="default" size="sm">
              Stores
            </ButtonLink>
          </li>
        </ul>
      </Section>
    </Page>
  );
}
