import { Alert, Button, Group, Modal, Progress, Radio, Stack, Text } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Problem, RestoreEvent, RestorePlan, RestoreRequest } from '../../../shared/contract/shapes.ts';
import { baseName, folderOf } from '../../../shared/names.ts';
import { engine, query } from '../../app/rpc.ts';
import { bytesText, counted, countText, dayText, minuteText, readClock } from '../../parts/figures.tsx';
import { FolderPicker } from '../../parts/folder-picker.tsx';
import { Name } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { useReturnFocus } from '../../parts/return-focus.ts';
import { MomentField } from './moment-field.tsx';
import { momentText } from './moments.ts';
import { conflictWords, resultWords, type ConflictAnswer } from './restore-words.ts';
import classes from './restore-dialog.module.css';

/** What a restore was asked for with: the dialog does the rest. */
export interface RestoreWish {
  readonly source: string;
  /** The source's folder on the file server. */
  readonly root: string;
  readonly items: RestoreRequest['items'];
  readonly at: number | null;
  /** What it is, in words: `3 files and 1 folder`, `letter.pdf`. */
  readonly what: string;
  /** Of a single version, which it is. */
  readonly version?: { readonly number: number; readonly firstSeen: number };
}

type Progressed = Extract<RestoreEvent, { type: 'progress' }>;
type Done = Extract<RestoreEvent, { type: 'done' }>;

type Stage =
  | { readonly at: 'asking' }
  | { readonly at: 'going'; readonly progress: Progressed | undefined; readonly notices: readonly string[] }
  | { readonly at: 'ended'; readonly done: Done; readonly notices: readonly string[] }
  | { readonly at: 'cancelled'; readonly progress: Progressed | undefined }
  | { readonly at: 'failed'; readonly problem: Problem };

const route = getRouteApi('/browse');
/** As the engine says why a file has another name. */
const inItsPlace = 'another file lies in its place';
const namesShown = 5;
const failuresShown = 200;

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
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const start = async (request: RestoreRequest) => {
    const ending = new AbortController();
    running.current = ending;
    let progress: Progressed | undefined;
    let notices: readonly string[] = [];
    let done: Done | undefined;
    setStage({ at: 'going', progress, notices });
    try {
      for await (const event of await engine.restore.start(request, { signal: ending.signal })) {
        if (event.type === 'progress') progress = event;
        else if (event.type === 'notice') notices = [...notices, event.text];
        else done = event;
        setStage({ at: 'going', progress, notices });
      }
      if (done !== undefined) setStage({ at: 'ended', done, notices });
      else if (ending.signal.aborted) setStage({ at: 'cancelled', progress });
      else setStage({ at: 'failed', problem: problemOf(undefined) });
    } catch (error) {
      setStage(ending.signal.aborted ? { at: 'cancelled', progress } : { at: 'failed', problem: problemOf(error) });
    }
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
        <Going progress={stage.progress} notices={stage.notices} onCancel={() => running.current?.abort()} />
      )}
      {stage.at === 'ended' && <Result wish={wish} done={stage.done} notices={stage.notices} onClose={onClose} />}
      {stage.at === 'cancelled' && (
        <Stack>
          <Text role="status">
            The restore was cancelled.{' '}
            {(stage.progress?.files ?? 0) === 0
              ? 'Nothing had been restored by then.'
              : `What had been restored by then stays where it is: ${counted(stage.progress?.files ?? 0, 'file')}, or a few more.`}
          </Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>Close</Button>
          </Group>
        </Stack>
      )}
      {stage.at === 'failed' && (
        <Stack>
          <ProblemNote problem={stage.problem} />
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

/** The folder in which everything lies that was picked: it was picked in one. */
function placeOf({ root, items }: RestoreWish): string {
  const folder = folderOf(items[0]?.path ?? '');
  const separator = root.includes('\\') && !root.includes('/') ? '\\' : '/';
  return folder === '' ? root : [root.replace(/[\\/]+$/, ''), ...folder.split('/')].join(separator);
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
        {plan.data !== undefined && isComplete && (
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
            disabled={!isComplete || plan.data === undefined || plan.isError || plan.data.files === 0}
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

function Going({
  progress,
  notices,
  onCancel,
}: {
  readonly progress: Progressed | undefined;
  readonly notices: readonly string[];
  readonly onCancel: () => void;
}): ReactNode {
  const part =
    progress === undefined
      ? 0
      : progress.allBytes > 0
        ? progress.bytes / progress.allBytes
        : progress.files / Math.max(1, progress.allFiles);
  const percent = Math.min(100, Math.floor(part * 100));
  const step = Math.floor(percent / 10) * 10;
  return (
    <Stack>
      <Progress value={percent} aria-label="Restored" size="lg" />
      <Text>
        {progress === undefined
          ? 'Looking for good copies…'
          : `${countText(progress.files)} of ${counted(progress.allFiles, 'file')}, ${bytesText(progress.bytes)} of ${bytesText(progress.allBytes)}`}
      </Text>
      {/* Said aloud at each tenth, not at each file. */}
      <span className="unseen" role="status">
        {progress === undefined ? 'Restoring' : `${countText(step)} % restored`}
      </span>
      {notices.map((notice) => (
        <Alert key={notice} variant="light" color="yellow">
          {notice}
        </Alert>
      ))}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel} data-autofocus>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

function Result({
  wish,
  done,
  notices,
  onClose,
}: {
  readonly wish: RestoreWish;
  readonly done: Done;
  readonly notices: readonly string[];
  readonly onClose: () => void;
}): ReactNode {
  const navigate = route.useNavigate();
  const show = useMutation(query.restore.show.mutationOptions());
  const isOriginal = done.target === wish.root;
  const folder = done.single?.folder ?? (isOriginal ? placeOf(wish) : done.target);
  const isThere = done.restored + done.same > 0;
  const beside = done.single !== undefined && done.renamed.length > 0 ? done.renamed[0] : undefined;
  return (
    <Stack>
      <div role="status">
        <Text fw={600}>{resultWords(done, counted)}</Text>
        {isThere && done.single !== undefined && (
          <Text component="div">
            It is{' '}
            <b>
              <Name text={done.single.name} lines="all" />
            </b>{' '}
            in <Name text={folder} path lines={2} />
          </Text>
        )}
        {done.restored > 0 && (
          <Text component="div">
            {done.single === undefined ? (
              <>
                {bytesText(done.bytes)}, each file checked against its checksum, in{' '}
                <Name text={folder} path lines={2} />
              </>
            ) : (
              `${bytesText(done.bytes)}, checked against its checksum.`
            )}
          </Text>
        )}
        {done.restored > 0 && isOriginal && (
          <Text size="sm">
            The next run takes {done.restored === 1 ? 'it' : 'them'} in; Browse shows{' '}
            {done.restored === 1 ? 'it' : 'them'} then.
          </Text>
        )}
        {beside !== undefined && (
          <Text component="div" size="sm">
            {beside.why === inItsPlace ? (
              <>
                <Name text={baseName(beside.path)} />, which was there before, is left as it was.
              </>
            ) : (
              `It has this name because ${beside.why}.`
            )}
          </Text>
        )}
      </div>
      {notices.map((notice) => (
        <Alert key={notice} variant="light" color="yellow">
          {notice}
        </Alert>
      ))}
      {done.renamed.length > 0 && done.single === undefined && (
        <details>
          <summary>{counted(done.renamed.length, 'file')} restored under another name</summary>
          <ul className={classes['list']}>
            {done.renamed.slice(0, failuresShown).map(({ path, as, why }) => (
              <li key={path}>
                <Name text={path} path lines={2} /> was restored as <Name text={as} path lines={2} />{' '}
                <Text size="sm">{why}</Text>
              </li>
            ))}
          </ul>
        </details>
      )}
      {done.kept.length > 0 && (
        <details>
          <summary>{counted(done.kept.length, 'file')} left as before</summary>
          <ul className={classes['list']}>
            {done.kept.slice(0, failuresShown).map((path) => (
              <li key={path}>
                <Name text={path} path lines={2} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {done.failed.length > 0 && (
        <div className={classes['list']}>
          {done.failed.slice(0, failuresShown).map((problem, index) => (
            <ProblemNote key={index} problem={problem} tone="quiet" />
          ))}
          {done.failed.length > failuresShown && (
            <Text>and {countText(done.failed.length - failuresShown)} more that failed</Text>
          )}
        </div>
      )}
      {show.isError && <ProblemNote problem={problemOf(show.error)} />}
      <Group justify="flex-end">
        {isThere && (
          <Button
            variant="default"
            leftSection={<IconFolderOpen size={18} aria-hidden />}
            loading={show.isPending}
            onClick={() => show.mutate({ folder })}
          >
            Show in folder
          </Button>
        )}
        {isThere && isOriginal && (
          <Button
            variant="default"
            onClick={() => {
              onClose();
              const path = folderOf(wish.items[0]?.path ?? '');
              void navigate({ search: { source: wish.source, path: path === '' ? undefined : path } });
            }}
          >
            Show in Browse
          </Button>
        )}
        <Button onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
}
