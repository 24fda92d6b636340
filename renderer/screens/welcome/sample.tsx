import { Loader, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Problem } from '../../../shared/contract/shapes.ts';
import { engine, query } from '../../app/rpc.ts';
import { visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import classes from './welcome.module.css';

/** The making of the sample materials. */
export interface Sample {
  readonly state: 'idle' | 'under-way' | 'failed';
  /** What was done so far, and last what is being done. */
  readonly sentences: readonly string[];
  readonly problem: Problem | undefined;
  readonly start: () => void;
}

/** Makes the sample materials when asked to, and goes to the overview once they are there. */
export function useSample(): Sample {
  const [state, setState] = useState<Sample['state']>('idle');
  const [sentences, setSentences] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const navigate = useNavigate();
  const client = useQueryClient();
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const make = async () => {
    setState('under-way');
    setSentences([]);
    setProblem(undefined);
    try {
      for await (const { sentence } of await engine.sources.addSample())
        setSentences((before) => (before.at(-1) === sentence ? before : [...before, sentence]));
      await client.invalidateQueries({ queryKey: query.app.overview.key() });
      setState('idle');
      // Whoever went elsewhere meanwhile wants to be there.
      if (here.current) void navigate({ to: '/' });
    } catch (error) {
      setState('failed');
      setProblem(problemOf(error));
    }
  };
  return { state, sentences, problem, start: () => void make() };
}

/** Each step of it, ticked off as it ends. */
export function SampleProgress({ sample }: { readonly sample: Sample }): ReactNode {
  const { state, sentences, problem, start } = sample;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state === 'under-way') box.current?.scrollIntoView({ block: 'nearest' });
  }, [state, sentences]);
  if (state === 'idle') return null;
  return (
    <div ref={box} className={classes['progress']}>
      <div role="log" aria-label="Making the sample materials">
        <ul className={classes['sentences']}>
          {sentences.map((sentence, at) => (
            <li key={sentence}>
              {state === 'under-way' && at === sentences.length - 1 ? (
                <Loader size={16} aria-hidden />
              ) : (
                <IconCheck size={18} aria-hidden className={classes['tick']} />
              )}
              <Text component="span">{visibleName(sentence)}</Text>
            </li>
          ))}
          {sentences.length === 0 && state === 'under-way' && (
            <li>
              <Loader size={16} aria-hidden />
              <Text component="span">Getting ready…</Text>
            </li>
          )}
        </ul>
      </div>
      {problem !== undefined && <ProblemNote problem={problem} action={{ label: 'Try again', run: start }} />}
    </div>
  );
}
