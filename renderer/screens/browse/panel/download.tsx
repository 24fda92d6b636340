import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { visibleName } from '../../../parts/name.tsx';
import { engine } from '../../../app/rpc.ts';
import { ProblemNote, problemOf } from '../../../parts/problem.tsx';
import type { Content } from './content.ts';

/** Saves a version where the browser keeps what it downloads: for where no program of this computer can show it. */
export function Download({ content, name }: { readonly content: Content; readonly name: string }): ReactNode {
  const download = useMutation({
    // An address that was asked for earlier may have ended meanwhile.
    mutationFn: () => engine.browse.content(content),
    onSuccess: ({ url }) => {
      const link = document.createElement('a');
      link.href = url;
      link.download = visibleName(name);
      link.click();
    },
  });
  return (
    <>
      {download.isError && <ProblemNote problem={problemOf(download.error)} />}
      <Button
        variant="default"
        leftSection={<IconDownload size={18} aria-hidden />}
        loading={download.isPending}
        onClick={() => download.mutate()}
      >
        Download
      </Button>
    </>
  );
}
