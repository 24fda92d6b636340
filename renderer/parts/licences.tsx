import { Anchor, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../../shared/contract/shapes.ts';
import classes from './licences.module.css';
import { PageLoading } from './loading.tsx';
import { ProblemNote } from './problem.tsx';

/** Where the build puts the notices, beside the page. */
const address = './third-party-notices.txt';

const missing: Problem = {
  code: 'internal',
  subject: null,
  message: 'The list of libraries could not be read.',
  advice:
    'Try again. If it stays so, install Strongroom again: the list, third-party-notices.txt, lies beside the files of the window.',
};

/** A quiet link that shows which libraries go along with Strongroom, and their licences. */
export function Licences(): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Anchor component="button" type="button" size="sm" onClick={() => setOpened(true)}>
        Libraries and their licences
      </Anchor>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Libraries and their licences" size="xl">
        <Text />
      </Modal>
    </>
  );
}

/** Made when the dialog opens: half a megabyte that hardly anybody asks for. */
function Text(): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['third-party-notices'],
    queryFn: async ({ signal }) => {
      const answer = await fetch(new URL(address, document.baseURI), { signal });
      if (!answer.ok) throw new Error(`The notices were answered with ${answer.status}.`);
      return await answer.text();
    },
    staleTime: Infinity,
    gcTime: 60_000,
  });
  if (error !== null)
    return <ProblemNote problem={missing} action={{ label: 'Try again', run: () => void refetch() }} />;
  if (data === undefined) return <PageLoading label="The list is on its way…" />;
  return (
    // It is scrolled by keyboard too.
    <div className={classes['text']} role="region" aria-label="The list and the licences" tabIndex={0}>
      {data}
    </div>
  );
}
