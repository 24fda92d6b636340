import { Button, Stack, Stepper, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import type { Cadence, SourceRules } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { bytesText, counted } from '../../parts/figures.tsx';
import { lastName } from '../../parts/folder-path.ts';
import { visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { SheetFoot } from '../../parts/sheet.tsx';
import type { Draft } from '../stores/leaving.tsx';
import { StepTitle } from '../stores/step-title.tsx';
import { cadenceInWords, usualCadence } from './cadence.ts';
import { ChooseCadence } from './choose-cadence.tsx';
import { ChooseFolder } from './choose-folder.tsx';
import { ChooseStores } from './choose-stores.tsx';
import { ContinueOrNot } from './continue-or-not.tsx';
import { FirstRun } from './first-run.tsx';
import { usePreview } from './use-preview.ts';
import classes from './sources.module.css';

interface AddSourceProps {
  /** Called once a person has seen the first run begin. */
  readonly onDone: () => void;
  readonly onCancel: () => void;
  /** Told what would be lost if a person left now. */
  readonly onDraft: (draft: Draft) => void;
}

const usualRules: SourceRules = { exclude: [], include: [], defaults: true };
const lastStep = 2;

/** Adds a source in three steps: which folder, where its copies go, how often. Then shows its first run. */
export function AddSource({ onDone, onCancel, onDraft }: AddSourceProps): ReactNode {
  const client = useQueryClient();
  const [step, setStep] = useState(0);
  const [root, setRoot] = useState('');
  const [rules, setRules] = useState(usualRules);
  const [ownStores, setOwnStores] = useState<string[]>();
  const [made, setMade] = useState<readonly string[]>([]);
  const [addingStore, setAddingStore] = useState(false);
  const [cadence, setCadence] = useState<Cadence | undefined>(usualCadence);
  const [name, setName] = useState('');
  const [anew, setAnew] = useState(false);
  const preview = usePreview(root.trim(), rules);
  const narrow = useMediaQuery('(max-width: 700px)');
  const adding = useMutation(
    query.sources.add.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: query.sources.key() }),
    }),
  );
  const path = root.trim();
  const isAdded = adding.data !== undefined;
  const begun = !isAdded && (path !== '' || addingStore || made.length > 0);
  useEffect(() => onDraft({ begun, made: isAdded ? [] : made }), [begun, made, isAdded, onDraft]);
  if (adding.data !== undefined) {
    return <FirstRun name={adding.data.name} runBefore={adding.data.lastRun?.id} onDone={onDone} />;
  }
  const former = preview.counted?.former;
  const continued = former !== undefined && !anew;
  const stores = ownStores ?? (continued ? former.stores : []);
  const problem = adding.error === null ? undefined : problemOf(adding.error);
  const ready = [
    path !== '' && preview.problem === undefined && preview.counted !== undefined && !preview.stale,
    stores.length > 0,
    cadence !== undefined && !(former !== undefined && anew && name.trim() === ''),
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
    adding.mutate({
      ...{ root: path, rules, cadence, stores: [...stores] },
      ...(continued || name.trim() === '' ? {} : { name: name.trim() }),
      ...(former !== undefined && anew ? { anew } : {}),
    });
  };
  const nameTaken = problem?.code === 'name-taken';
  const sum =
    preview.counted === undefined
      ? ''
      : `${counted(preview.counted.files, 'file')} (${bytesText(preview.counted.bytes)})`;
  return (
    <Stack gap="lg">
      <Stepper
        active={step}
        onStepClick={go}
        allowNextStepsSelect={false}
        size="sm"
        iconSize={32}
        {...(narrow ? { labelPosition: 'bottom' as const } : {})}
        classNames={{
          step: classes['step'] ?? '',
          stepIcon: classes['stepIcon'] ?? '',
          stepLabel: classes['stepLabel'] ?? '',
        }}
        aria-label="Steps"
      >
        <Stepper.Step label="Folder" />
        <Stepper.Step label="Stores" />
        <Stepper.Step label="How often" />
      </Stepper>
      {step === 0 && (
        <Stack gap="lg">
          <StepTitle focus={false}>Which folder is to be protected?</StepTitle>
          <ChooseFolder
            root={root}
            rules={rules}
            preview={preview}
            onRoot={(chosen) => {
              setRoot(chosen);
              setAnew(false);
            }}
            onRules={setRules}
          >
            {former !== undefined && path !== '' && <ContinueOrNot former={former} anew={anew} onAnew={setAnew} />}
          </ChooseFolder>
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
          <ChooseStores
            root={path}
            chosen={stores}
            onChange={setOwnStores}
            onAdding={setAddingStore}
            onMade={(store) => setMade([...made, store])}
          />
        </Stack>
      )}
      {step === 2 && (
        <Stack gap="lg">
          <StepTitle>How often should it look for changes?</StepTitle>
          <ChooseCadence cadence={cadence ?? usualCadence} onChange={setCadence} />
          {continued ? (
            <Text>
              It goes on under its name, <b>{visibleName(former.name)}</b>, with the versions and copies that there are.
            </Text>
          ) : (
            <TextInput
              label="Name"
              description={
                former === undefined
                  ? 'How the source is called in Strongroom, and its folder in the stores.'
                  : `A name other than “${visibleName(former.name)}”, which the earlier copies have in the stores.`
              }
              placeholder={former === undefined ? lastName(path) : undefined}
              required={former !== undefined}
              value={name}
              maxLength={255}
              autoComplete="off"
              error={nameTaken ? `${problem.message} ${problem.advice ?? ''}` : undefined}
              onChange={(event) => {
                setName(event.currentTarget.value);
                if (adding.error !== null) adding.reset();
              }}
            />
          )}
          {cadence !== undefined && sum !== '' && (
            <Text role="status">
              {continued
                ? `${sum} will be compared with what ${counted(stores.length, 'store')} ${stores.length === 1 ? 'has' : 'have'}, and only what differs is copied; then there is a run ${cadenceInWords(cadence)}.`
                : `${sum} will be copied to ${counted(stores.length, 'store')}; then there is a run ${cadenceInWords(cadence)}.`}
            </Text>
          )}
          {problem !== undefined && !nameTaken && <ProblemNote problem={problem} />}
        </Stack>
      )}
      {!addingStore && (
        <SheetFoot
          start={
            step > 0 && (
              <Button variant="default" onClick={() => go(step - 1)} disabled={adding.isPending}>
                Back
              </Button>
            )
          }
        >
          <Button variant="default" onClick={onCancel} disabled={adding.isPending}>
            Cancel
          </Button>
          <Button onClick={next} disabled={ready[step] !== true} loading={adding.isPending}>
            {step < lastStep ? 'Next' : continued ? 'Continue protecting it' : 'Protect this folder'}
          </Button>
        </SheetFoot>
      )}
    </Stack>
  );
}
