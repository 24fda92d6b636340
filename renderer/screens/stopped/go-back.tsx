import { Button, Radio, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Problem, StoppedStart } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { tell } from '../../parts/acts.ts';
import { bytesText, counted, minuteText, When } from '../../parts/figures.tsx';
import { visibleName } from '../../parts/name.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';

type Checkpoint = StoppedStart['checkpoints'][number];

/** Former states of the catalog, and what going back to one of them loses. */
export function GoBack({
  checkpoints,
  busy,
}: {
  readonly checkpoints: readonly Checkpoint[];
  readonly busy: boolean;
}): ReactNode {
  const [chosen, setChosen] = useState<number>();
  const [going, setGoing] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const newest = checkpoints.find(({ whole }) => whole === true)?.at;
  const at = chosen ?? newest;
  const go = async () => {
    if (at === undefined) return;
    setGoing(true);
    setProblem(undefined);
    try {
      await engine.start.goBack({ checkpoint: at });
      tell(`The catalog is as it was on ${minuteText(at)}. What was copied since then is now read from the stores.`);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setGoing(false);
    }
  };
  if (checkpoints.length === 0)
    return (
      <Section
        title="Go back to an earlier state"
        lead="There is none on this computer: Strongroom keeps one every few hours in which something changed, and had not come to that yet, or they are gone too."
      >
        {null}
      </Section>
    );
  const noneWhole = checkpoints.every(({ whole }) => whole === false);
  return (
    <Section
      title="Go back to an earlier state"
      lead="The quickest way, and the best one where there is a state that is whole. Strongroom keeps the latest five of them on this computer."
    >
      <Stack gap="lg">
        <Radio.Group
          label="Which one"
          value={at === undefined ? '' : String(at)}
          onChange={(value) => setChosen(Number(value))}
        >
          <Stack gap="sm" mt="xs">
            {checkpoints.map((checkpoint) => (
              <Radio
                key={checkpoint.at}
                value={String(checkpoint.at)}
                disabled={busy || going || checkpoint.whole !== true}
                label={
                  <>
                    {minuteText(checkpoint.at)} (<When at={checkpoint.at} />)
                  </>
                }
                description={knowledge(checkpoint)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {noneWhole ? (
          <Text>None of these states is whole, so none can be gone back to. Make a new catalog instead.</Text>
        ) : (
          <>
            <Text>
              <b>What going back loses:</b> what was written down in the catalog alone since then, that is the list of
              past runs and events, and sources, stores and settings that were added or changed.{' '}
              <b>What it does not lose:</b> files and copies. What was copied since then is read from the stores again
              before the next copying.
            </Text>
            {problem !== undefined && <ProblemNote problem={problem} />}
            <div>
              <Button loading={going} disabled={busy || at === undefined} onClick={() => void go()}>
                Go back to this state
              </Button>
            </div>
          </>
        )}
      </Stack>
    </Section>
  );
}

function knowledge({ whole, sources, files, size }: Checkpoint): string {
  if (whole === null) return 'Strongroom is looking whether it is whole …';
  if (!whole) return 'Damaged, too; it cannot be gone back to.';
  const names = sources.map((name) => `“${visibleName(name)}”`).join(', ');
  const knows = sources.length === 0 ? 'no source yet' : `${names} with ${counted(files, 'file')}`;
  return `Whole. It knows ${knows}; ${bytesText(size)}.`;
}
