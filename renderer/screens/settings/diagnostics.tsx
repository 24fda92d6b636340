import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import classes from './settings.module.css';

/** A bundle for whoever looks after Strongroom, without secrets and file names. */
export function Diagnostics(): ReactNode {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const fetchIt = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { url } = await engine.app.diagnostics();
      const link = document.createElement('a');
      link.href = new URL(url, document.baseURI).href;
      link.download = 'strongroom-diagnostics.zip';
      link.click();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section
      title="Diagnostics"
      lead="One file that helps to find out why something does not work: versions, settings, states and the latest messages. Passwords, keys and the names of your files are taken out of it."
    >
      <div className={classes['form']}>
        {problem !== undefined && <ProblemNote problem={problem} />}
        <div>
          <Button
            variant="default"
            leftSection={<IconDownload size={18} aria-hidden />}
            loading={busy}
            onClick={() => void fetchIt()}
          >
            Export the diagnostics
          </Button>
        </div>
      </div>
    </Section>
  );
}
