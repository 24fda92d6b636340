import { Alert, Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Problem, RestorePlan, RestoreRequest } from '../../../shared/contract/shapes.ts';
import { baseName } from '../../../shared/names.ts';
import { engine, query } from '../../app/rpc.ts';
import { bytesText, counted, countText, dayText, minuteText, readClock } from '../../parts/figures.tsx';
import { FolderPicker } from '../../parts/folder-picker.tsx';
import { Name } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { useReturnFocus } from '../../parts/return-focus.ts';
import { MomentField } from './moment-field.tsx';
import { momentText } from './moments.ts';
import { Going, type Progressed } from './restore-dialog-going.tsx';
import { Result } from './restore-dialog-result.tsx';
import { conflictWords, placeOf, type ConflictAnswer, type Done, type RestoreWish } from './restore-words.ts';
import classes from './restore-dialog.module.css';

export type { RestoreWish } from './restore-words.ts';

type Stage =
  | { readonly at: 'asking' }
  | {
      readonly at: 'going';
      readonly progress?: Progressed;
      readonly notices: readonly string[];
      readonly cancelling: boolean;
    }
  | { readonly at: 'ended'; readonly request: RestoreRequest; readonly done: Done; readonly notices: readonly string[] }
  | { readonly at: 'failed'; readonly problem: Problem; readonly progress: Progressed | undefined };

const namesShown = 5;

/** Asks what to restore as of when, where to, and what to do with files in the way; then does it, and says what came of it. */
export function RestoreDialog({
  wish,
  onClose,
}: {
  readonly wish: RestoreWish;
  readonly onClose: () => void;
}): ReactNode {
  useReturnFocus();
  const [stage, setStage] = useState<Stage>({ at: 'asking' });
  const [at, setAt] = useState(wish.at);
  const day = wish.version?.firstSeen ?? at;
  const running = useRef<{ readonly ending: AbortController; restore?: number }>(undefined);
  useEffect(() => () => running.current?.ending.abort(), []);
  const start = async (request: RestoreRequest) => {
    const ending = new AbortController();
    const run: { readonly ending: AbortController; restore?: number } = { ending };
    running.current = run;
    let progress: Progressed | undefined;
    let notices: readonly string[] = [];
    let done: Done | undefined;
    setStage({ at: 'going', notices, cancelling: false });
    try {
      for await (const event of await engine.restore.start(request, { signal: ending.signal })) {
        if (event.type === 'started') run.restore = event.restore;
        else if (event.type === 'done') done = event;
        else if (event.type === 'progress') progress = event;
        else notices = [...notices, event.text];
        const now = { ...(progress !== undefined && { progress }), notices };
        setStage((before) => ({ at: 'going', cancelling: before.at === 'going' && before.cancelling, ...now }));
      }
      if (done !== undefined) setStage({ at: 'ended', request, done, notices });
      else setStage({ at: 'failed', problem: problemOf(undefined), progress });
    } catch (error) {
      // Ended before anything was begun: the question is there again, as it was.
      if (ending.signal.aborted) setStage({ at: 'asking' });
      else setStage({ at: 'failed', problem: problemOf(error), progress });
    }
  };
  const cancel = () => {
    const run = running.current;
    if (run?.restore === undefined) {
      run?.ending.abort();
      return;
    }
    setStage((before) => (before.at === 'going' ? { ...before, cancelling: true } : before));
    // Where this cannot be said any more, the stream has ended too, and tells why.
    void engine.restore.cancel({ restore: run.restore }).catch(() => undefined);
  };
  const isGoing = stage.at === 'going';
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Restore ${wish.what}${day === null ? '' : ` as of ${dayText(day)}`}`}
      size="lg"
      centered={false}
      yOffset="6vh"
      // A press beside the dialog must not end a restore.
      closeOnClickOutside={!isGoing}
      closeOnEscape={!isGoing}
      withCloseButton={!isGoing}
      classNames={{ title: classes['title'] ?? '', content: classes['content'] ?? '' }}
    >
      {stage.at === 'asking' && (
        <Question wish={wish} at={at} onMoment={setAt} onStart={(request) => void start(request)} onClose={onClose} />
      )}
      {stage.at === 'going' && (
        <Going progress={stage.progress} notices={stage.notices} cancelling={stage.cancelling} onCancel={cancel} />
      )}
      {stage.at === 'ended' && (
        <Result
          wish={wish}
          done={stage.done}
          notices={stage.notices}
          onAgain={() => void start(stage.request)}
          onClose={onClose}
        />
      )}
      {stage.at === 'failed' && (
        <Stack>
          <ProblemNote problem={stage.problem} />
          {(stage.progress?.files ?? 0) > 0 && (
            <Text>
              {countText(stage.progress?.files ?? 0)} of {counted(stage.progress?.allFiles ?? 0, 'file')} had their turn
              by then. What was restored is whole and stays where it is; restore again to bring the rest.
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button onClick={() => setStage({ at: 'asking' })}>Try again</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function Question({
  wish,
  at,
  onMoment: setAt,
  onStart,
  onClose,
}: {
  readonly wish: RestoreWish;
  /** As of when; `null`: now. */
  readonly at: number | null;
  readonly onMoment: (at: number | null) => void;
  readonly onStart: (request: RestoreRequest) => void;
  readonly onClose: () => void;
}): ReactNode {
  const [place, setPlace] = useState<'original' | 'folder'>('original');
  const [folder, setFolder] = useState<string>();
  const [conflict, setConflict] = useState<ConflictAnswer>('keep-both');
  const [picking, setPicking] = useState(false);
  // A version that was chosen is that version, whatever the moment.
  const byTime = wish.items.some((item) => item.version === null);
  const into = place === 'original' ? null : (folder ?? null);
  const isComplete = place === 'original' || folder !== undefined;
  const request: RestoreRequest = { source: wish.source, items: wish.items, at, into, conflict };
  const plan = useQuery({
    ...query.restore.plan.queryOptions({ input: request }),
    enabled: isComplete,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  return (
    <Stack gap="lg">
      <div>
        <Text fw={600}>What</Text>
        <ul className={classes['names']}>
          {wish.items.slice(0, namesShown).map((item) => (
            <li key={item.path}>
              <Name text={item.path === '' ? wish.source : baseName(item.path)} />
              {wish.version !== undefined &&
                `, version ${countText(wish.version.number)}, recorded on ${minuteText(wish.version.firstSeen)}`}
            </li>
          ))}
        </ul>
        {wish.items.length > namesShown && (
          <Text size="sm" c="dimmed">
            and {countText(wish.items.length - namesShown)} more
          </Text>
        )}
      </div>
      {byTime && (
        <Radio.Group
          label="As of when"
          value={at === null ? 'now' : 'then'}
          onChange={(value) => setAt(value === 'now' ? null : (wish.at ?? readClock()))}
        >
          <Stack gap={8} mt={8}>
            <Radio value="now" label="The newest version that was kept" />
            <Radio
              value="then"
              label={at === null ? 'As it was at an earlier moment' : `As it was on ${momentText(at)}`}
            />
          </Stack>
          {at !== null && (
            <div className={classes['moment']}>
              <MomentField label="Restore as of this date and time" at={at} onChoose={setAt} />
            </div>
          )}
        </Radio.Group>
      )}
      <Radio.Group
        label="Where to"
        value={place}
        onChange={(value) => setPlace(value === 'folder' ? 'folder' : 'original')}
      >
        <Stack gap={8} mt={8}>
          <Radio value="original" label="Back to where it came from" description={<Name text={placeOf(wish)} path />} />
          <Radio
            value="folder"
            label="Into another folder"
            description={folder === undefined ? 'Nothing in the source is touched.' : <Name text={folder} path />}
          />
        </Stack>
        {place === 'folder' && (
          <Button
            variant="default"
            mt={8}
            ml={30}
            leftSection={<IconFolderOpen size={18} aria-hidden />}
            onClick={() => setPicking(true)}
          >
            {folder === undefined ? 'Choose the folder…' : 'Choose another folder…'}
          </Button>
        )}
      </Radio.Group>
      <FolderPicker
        opened={picking}
        title="Choose the folder to restore into"
        canMake
        onPick={(path) => {
          setFolder(path);
          setPicking(false);
        }}
        onClose={() => setPicking(false)}
      />
      <Radio.Group
        label="If a file with the same name is there"
        value={conflict}
        onChange={(value) => setConflict(conflictWords.find((answer) => answer.value === value)?.value ?? 'keep-both')}
      >
        <Stack gap={8} mt={8}>
          {conflictWords.map(({ value, label, detail }) => (
            <Radio key={value} value={value} label={label} description={detail} />
          ))}
        </Stack>
      </Radio.Group>
      <div className={classes['foot']}>
        {plan.isError && isComplete && (
          <ProblemNote
            problem={problemOf(plan.error)}
            action={{ label: 'Try again', run: () => void plan.refetch(), busy: plan.isFetching }}
          />
        )}
        {plan.data?.hindrance !== undefined && isComplete && (
          <ProblemNote
            problem={plan.data.hindrance}
            tone="quiet"
            action={{ label: 'Look again', run: () => void plan.refetch(), busy: plan.isFetching }}
          />
        )}
        {plan.data !== undefined && plan.data.hindrance === undefined && isComplete && (
          <div role="status" className={classes['plan']}>
            <Text>
              {plan.data.files === 0
                ? 'There is nothing to restore as of this moment.'
                : plan.data.single?.there === 'something' && conflict === 'skip'
                  ? 'Nothing will be restored: a file of this name is there, and is left as it is, in'
                  : `${counted(plan.data.files, 'file')}, ${bytesText(plan.data.bytes)}, will be restored into:`}
            </Text>
            {plan.data.files > 0 && <Name text={plan.data.single?.folder ?? into ?? placeOf(wish)} path lines={2} />}
            {plan.data.single !== undefined && (
              <Single single={plan.data.single} conflict={conflict} isOriginal={into === null} />
            )}
            {plan.data.notes.map((note) => (
              <Alert key={note} color="yellow" mt={8} variant="light">
                {note}
              </Alert>
            ))}
          </div>
        )}
        <Group justify="flex-end" mt="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            disabled={
              !isComplete || plan.isError || (plan.data?.files ?? 0) === 0 || plan.data?.hindrance !== undefined
            }
            loading={isComplete && plan.isFetching}
            onClick={() => onStart(request)}
          >
            Restore
          </Button>
        </Group>
      </div>
    </Stack>
  );
}

/** What becomes of a single file, and of what is in its way. */
function Single({
  single,
  conflict,
  isOriginal,
}: {
  readonly single: NonNullable<RestorePlan['single']>;
  readonly conflict: ConflictAnswer;
  readonly isOriginal: boolean;
}): ReactNode {
  const { name, there, beside } = single;
  if (there === 'same')
    return (
      <Text size="sm">
        By its size and date the same file is there already. It is compared; if it is the same, nothing is written.
      </Text>
    );
  if (there === 'nothing' || conflict === 'skip') return null;
  const other = (
    <>
      {isOriginal ? 'today’s ' : 'the '}
      <Name text={name} />
      {isOriginal ? '' : ' that is there'}
    </>
  );
  return (
    <Text size="sm" component="div">
      {conflict === 'keep-both' ? (
        <>
          Beside {other}, as{' '}
          <b>
            <Name text={beside} lines="all" />
          </b>
        </>
      ) : (
        <>In the place of {other}</>
      )}
    </Text>
  );
}
