import { Button, Group, Stack, Stepper, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { Cadence, SourceRules } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { bytesText, counted } from '../../parts/figures.tsx';
import { lastName } from '../../parts/folder-path.ts';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { StepTitle } from '../stores/step-title.tsx';
import { cadenceInWords, usualCadence } from './cadence.ts';
import { ChooseCadence } from './choose-cadence.tsx';
import { ChooseFolder } from './choose-folder.tsx';
import { ChooseStores } from './choose-stores.tsx';
import { FirstRun } from './first-run.tsx';
import { usePreview } from './use-preview.ts';

interface AddSourceProps {
  /** Given the name of the source, once a person has seen its first run begin. */
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}

const usualRules: SourceRules = { exclude: [], include: [], defaults: true };
const lastStep = 2;

/** Adds a source in three steps: which folder, where its copies go, how often. Then shows its first run. */
export function AddSource({ onDone, onCancel }: AddSourceProps): ReactNode {
  const client = useQueryClient();
  const [step, setStep] = useState(0);
  const [root, setRoot] = useState('');
  const [rules, setRules] = useState(usualRules);
  const [stores, setStores] = useState<string[]>([]);
  const [addingStore, setAddingStore] = useState(false);
  const [cadence, setCadence] = useState<Cadence | undefined>(usualCadence);
  const [name, setName] = useState('');
  const preview = usePreview(root.trim(), rules);
  const narrow = useMediaQuery('(max-width: 700px)');
  const adding = useMutation(
    query.sources.add.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: query.sources.key() }),
    }),
  );
  if (adding.data !== undefined) {
    const added = adding.data.name;
    return <FirstRun name={added} onDone={() => onDone(added)} />;
  }
  const path = root.trim();
  const problem = adding.error === null ? undefined : problemOf(adding.error);
  const ready = [
    path !== '' && preview.problem === undefined && preview.counted !== undefined && !preview.stale,
    stores.length > 0,
    cadence !== undefined,
  ];
  const go = (to: number) => {
    adding.reset();
    setStep(to);
  };
  const next = () => {
    if (ready[step] !== true) return;
    if (step < lastStep) {
      go(step + 1);
      return;
    }
    if (cadence === undefined) return;
    adding.mutate({ root: path, rules, cadence, stores, ...(name.trim() === '' ? {} : { name: name.trim() }) });
  };
  const nameTaken = problem?.code === 'name-taken';
  return (
    <Stack gap="lg">
      <Stepper
        active={step}
        onStepClick={go}
        allowNextStepsSelect={false}
        size="sm"
        iconSize={32}
        {...(narrow ? { labelPosition: 'bottom' as const } : {})}
        aria-label="Steps"
      >
        <Stepper.Step label="Folder" />
        <Stepper.Step label="Stores" />
        <Stepper.Step label="How often" />
      </Stepper>
      {step === 0 && (
        <Stack gap="lg">
          <StepTitle>Which folder is to be protected?</StepTitle>
          <ChooseFolder root={root} rules={rules} preview={preview} onRoot={setRoot} onRules={setRules} />
        </Stack>
      )}
      {step === 1 && (
        <Stack gap="lg">
          {!addingStore && (
            <div>
              <StepTitle>Where should the copies go?</StepTitle>
              <Text mt={4}>Two stores, apart from one another, make three copies with the original.</Text>
            </div>
          )}
          <ChooseStores root={path} chosen={stores} onChange={setStores} onAdding={setAddingStore} />
        </Stack>
      )}
      {step === 2 && (
        <Stack gap="lg">
          <StepTitle>How often?</StepTitle>
          <ChooseCadence cadence={cadence ?? usualCadence} onChange={setCadence} />
          <TextInput
            label="Name"
            description="How the source is called in Strongroom, and its folder in the stores."
            placeholder={lastName(path)}
            value={name}
            maxLength={255}
            autoComplete="off"
            error={nameTaken ? `${problem.message} ${problem.advice ?? ''}` : undefined}
            onChange={(event) => {
              setName(event.currentTarget.value);
              if (adding.error !== null) adding.reset();
            }}
          />
          {cadence !== undefined && preview.counted !== undefined && (
            <Text role="status">
              {counted(preview.counted.files, 'file')} ({bytesText(preview.counted.bytes)}) will be copied to{' '}
              {counted(stores.length, 'store')}, and looked through {cadenceInWords(cadence)}.
            </Text>
          )}
          {problem !== undefined && !nameTaken && <ProblemNote problem={problem} />}
        </Stack>
      )}
      {!addingStore && (
        <Group justify="space-between">
          <Button variant="subtle" onClick={onCancel} disabled={adding.isPending}>
            Cancel
          </Button>
          <Group gap="sm">
            {step > 0 && (
              <Button variant="default" onClick={() => go(step - 1)} disabled={adding.isPending}>
                Back
              </Button>
            )}
            <Button onClick={next} disabled={ready[step] !== true} loading={adding.isPending}>
              {step < lastStep ? 'Next' : 'Protect this folder'}
            </Button>
          </Group>
        </Group>
      )}
    </Stack>
  );
}
