import { Group, NumberInput, Radio, Select, Stack, Switch } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Cadence } from '../../../shared/contract/shapes.ts';
import { cadenceUnits, inUnits, minutesOf, type CadenceUnit } from './cadence.ts';
import classes from './sources.module.css';

const usual = [
  {
    minutes: 30,
    label: 'Every half hour',
    description: 'What most folders need. It costs little: only what changed is read.',
  },
  { minutes: 60, label: 'Every hour', description: 'For folders that change a few times a day.' },
  { minutes: 1_440, label: 'Once a day', description: 'For folders that hardly change, or a slow server.' },
] as const;

interface ChooseCadenceProps {
  readonly cadence: Cadence;
  /** Given `undefined` while what is filled in cannot be. */
  readonly onChange: (cadence: Cadence | undefined) => void;
}

/** How often a source has a run. */
export function ChooseCadence({ cadence, onChange }: ChooseCadenceProps): ReactNode {
  const begin = inUnits(cadence.everyMinutes);
  const [own, setOwn] = useState(!usual.some(({ minutes }) => minutes === cadence.everyMinutes));
  const [amount, setAmount] = useState<number | string>(begin.amount);
  const [unit, setUnit] = useState<CadenceUnit>(begin.unit);
  const [watch, setWatch] = useState(cadence.watch);
  const [everyMinutes, setEveryMinutes] = useState(cadence.everyMinutes);
  const made = minutesOf(Number(amount), unit);
  const say = (next: {
    own: boolean;
    amount: number | string;
    unit: CadenceUnit;
    watch: boolean;
    everyMinutes: number;
  }) => {
    const written = minutesOf(Number(next.amount), next.unit);
    const minutes = !next.own ? next.everyMinutes : 'why' in written ? undefined : written.minutes;
    onChange(minutes === undefined ? undefined : { everyMinutes: minutes, watch: next.watch });
  };
  const now = { own, amount, unit, watch, everyMinutes };
  return (
    <Stack gap="lg">
      <Radio.Group
        aria-label="How often to look for changes"
        value={own ? 'own' : String(everyMinutes)}
        onChange={(value) => {
          if (value === 'own') {
            setOwn(true);
            say({ ...now, own: true });
            return;
          }
          setOwn(false);
          setEveryMinutes(Number(value));
          say({ ...now, own: false, everyMinutes: Number(value) });
        }}
      >
        <Stack gap="sm">
          {usual.map(({ minutes, label, description }) => (
            <Radio key={minutes} value={String(minutes)} label={label} description={description} />
          ))}
          <Radio value="own" label="Another interval" />
        </Stack>
      </Radio.Group>
      {own && (
        <Group gap="sm" align="start" className={classes['own']}>
          <NumberInput
            label="Every"
            value={amount}
            min={1}
            allowDecimal={false}
            error={'why' in made ? made.why : undefined}
            className={classes['ownAmount']}
            onChange={(value) => {
              setAmount(value);
              say({ ...now, amount: value });
            }}
          />
          <Select
            label="Unit"
            data={[...cadenceUnits]}
            value={unit}
            allowDeselect={false}
            className={classes['ownUnit']}
            onChange={(value) => {
              if (value === null) return;
              setUnit(value);
              say({ ...now, unit: value });
            }}
          />
        </Group>
      )}
      <Switch
        label="Copy changes soon after they happen as well"
        description="Strongroom notices a change between two runs and copies it within moments. Some file servers do not report changes; there, the next run finds them. Nothing is missed either way."
        checked={watch}
        onChange={(event) => {
          setWatch(event.currentTarget.checked);
          say({ ...now, watch: event.currentTarget.checked });
        }}
      />
    </Stack>
  );
}
