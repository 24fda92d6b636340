import { Button, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../app/rpc.ts';
import { ButtonLink } from '../../parts/button-link.tsx';
import { Page } from '../../parts/page.tsx';
import { Picture } from './picture.tsx';
import { SampleProgress, useSample } from './sample.tsx';
import classes from './welcome.module.css';

const steps = [
  {
    title: 'Choose the folder',
    words: 'On the file server or on this computer. You see at once how many files and how much it is.',
  },
  {
    title: 'Choose where copies go',
    words: 'Google Drive, S3 or another disk. Two of them make three copies with the folder itself.',
  },
  {
    title: 'Go',
    words:
      'From then on Strongroom looks every half hour, copies what is new or changed, and tells you when it needs you.',
  },
] as const;

/**
 * The first thing that a person sees: what the three copies are, and the way to the first of them.
 * @param title of the window: it stands on the overview too, as long as there is nothing else to say there.
 */
export function Welcome({ title: screen = 'Welcome' }: { readonly title?: string }): ReactNode {
  const sample = useSample();
  const { data: overview } = useQuery(query.app.overview.queryOptions());
  return (
    <Page
      title={screen}
      heading={<span className={classes['headline']}>Three copies of everything you keep</span>}
      lead="Scans, masters, sound and data deserve more than one disk. Strongroom looks after the other copies, remembers every version, and gives back any file as it was."
    >
      <div className={classes['sheet']}>
        <Picture />
      </div>
      <ol className={classes['steps']}>
        {steps.map(({ title, words }, at) => (
          <li key={title} className={classes['step']}>
            <span className={classes['number']} aria-hidden>
              {at + 1}
            </span>
            <div>
              <Title order={2} size="h5">
                {title}
              </Title>
              <Text className={classes['quiet']}>{words}</Text>
            </div>
          </li>
        ))}
      </ol>
      <div className={classes['ways']}>
        <div className={classes['way']}>
          <ButtonLink to="/sources" search={{ add: true }} size="lg">
            Protect a folder
          </ButtonLink>
          <Text className={classes['quiet']}>
            Takes two minutes. Nothing in your folder is changed, except when you restore into it.
          </Text>
        </div>
        <div className={classes['way']}>
          <Button size="lg" variant="default" onClick={sample.start} loading={sample.state === 'under-way'}>
            Try it with sample materials
          </Button>
          <Text className={classes['quiet']}>
            Makes a small folder of scans, a PDF, a spreadsheet and sound with a few days of history, on this computer
            alone. You can remove it under Settings.
          </Text>
        </div>
      </div>
      <SampleProgress sample={sample} />
      {overview?.empty === false && (
        <Text mt="xl">
          <ButtonLink to="/" variant="subtle">
            Go to the overview
          </ButtonLink>
        </Text>
      )}
    </Page>
  );
}
