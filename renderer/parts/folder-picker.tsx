import { Anchor, Button, Group, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconChevronRight, IconCornerLeftUp, IconFolder, IconFolderPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useEffectEvent, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { PlaceShape } from '../../shared/contract/shapes.ts';
import { query } from '../app/rpc.ts';
import { FieldProblem } from './field-problem.tsx';
import { counted, readClock } from './figures.tsx';
import { crumbsOf, indexByTyping, lastName } from './folder-path.ts';
import { Name, visibleName } from './name.tsx';
import { ProblemNote, problemOf } from './problem.tsx';
import { SheetFoot } from './sheet.tsx';
import classes from './folder-picker.module.css';

interface FolderPickerProps {
  readonly opened: boolean;
  /** What the folder is for: `Choose the folder to protect`. */
  readonly title: string;
  /** Given the absolute path of the folder that was chosen. */
  readonly onPick: (path: string) => void;
  readonly onClose: () => void;
  /** Whether a new folder may be made on the way: for what Strongroom writes, not for what it only reads. */
  readonly canMake?: boolean;
  /** The folder to begin in; without it, the starting points of this computer. */
  readonly start?: string;
}

/** Lets a person choose a folder of this computer: the system's own dialog on the desktop, one of the window's elsewhere. */
export function FolderPicker(props: FolderPickerProps): ReactNode {
  const bridge = window.strongroom;
  return bridge === undefined ? (
    <FolderModal {...props} />
  ) : (
    props.opened && <SystemDialog {...props} pick={(title) => bridge.pickFolder(title)} />
  );
}

/** Shows nothing itself: it asks the system once when it appears. */
function SystemDialog({
  title,
  onPick,
  onClose,
  pick,
}: FolderPickerProps & { readonly pick: (title: string) => Promise<string | null> }): ReactNode {
  const asked = useRef(false);
  const ask = useEffectEvent(async () => {
    const path = await pick(title).catch(() => null);
    onClose();
    if (path !== null) onPick(path);
  });
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void ask();
  }, []);
  return null;
}

function FolderModal({ opened, title, onPick, onClose, canMake = false, start }: FolderPickerProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg" centered={false} yOffset="4vh">
      <Browser
        start={start === '' ? undefined : start}
        canMake={canMake}
        onPick={(path) => {
          onClose();
          onPick(path);
        }}
        onClose={onClose}
      />
    </Modal>
  );
}

function Browser({
  start,
  canMake,
  onPick,
  onClose,
}: {
  readonly start: string | undefined;
  readonly canMake: boolean;
  readonly onPick: (path: string) => void;
  readonly onClose: () => void;
}): ReactNode {
  const [asked, setAsked] = useState(start);
  // What a person typed since they last went anywhere; otherwise the field says where they are.
  const [typed, setTyped] = useState<string>();
  // What the field said when they asked to go there.
  const [sought, setSought] = useState<string>();
  const {
    data: place,
    dataUpdatedAt,
    error,
    isFetching,
    refetch,
  } = useQuery({
    ...query.places.list.queryOptions({ input: asked === undefined ? {} : { path: asked } }),
    // What lies in a folder changes without the engine knowing.
    staleTime: 0,
    gcTime: 0,
    placeholderData: (before: PlaceShape | undefined) => before,
  });
  const [came, setCame] = useState(dataUpdatedAt);
  if (came !== dataUpdatedAt) {
    setCame(dataUpdatedAt);
    // Folders that come while somebody types, as those that it begins with may, leave what is typed alone.
    if (dataUpdatedAt > 0 && typed === sought) {
      setTyped(undefined);
      setSought(undefined);
    }
  }
  const here = place?.path ?? '';
  const field = typed ?? place?.path ?? asked ?? '';
  const go = (path: string, words?: string) => {
    setTyped(words);
    setSought(words);
    // A folder that was not there may have come meanwhile.
    if (path === asked) void refetch();
    else setAsked(path);
  };
  const trouble = error === null ? (place?.problem ?? null) : problemOf(error);
  const chosen = trouble === null && here !== '' && field === here ? here : undefined;
  const making = useMutation(query.places.make.mutationOptions({ onSuccess: ({ path }) => go(path) }));
  const isMissing = trouble?.code === 'source-missing' && here !== '';
  return (
    <Stack gap="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // React would hand it on to a form that opened the picker.
          event.stopPropagation();
          if (field.trim() !== '') go(field.trim(), field);
        }}
      >
        <Group align="end" gap="xs" wrap="nowrap">
          <TextInput
            className={classes['typed']}
            label="Folder"
            description="Type or paste a path, or find the folder below."
            value={field}
            dir="ltr"
            spellCheck={false}
            autoComplete="off"
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            disabled={field.trim() === ''}
            loading={isFetching && place !== undefined}
          >
            Go there
          </Button>
        </Group>
      </form>
      {place !== undefined && place.roots.length > 0 && (
        <Group gap="xs" component="nav" aria-label="Starting points">
          {place.roots.map((root) => (
            <Button
              key={root.path}
              size="compact-sm"
              variant={root.path === here ? 'light' : 'default'}
              onClick={() => go(root.path)}
              data-tip={visibleName(root.path)}
            >
              {visibleName(root.label)}
            </Button>
          ))}
        </Group>
      )}
      {here !== '' && <Crumbs path={here} onGo={go} />}
      {trouble !== null && (
        <ProblemNote
          problem={trouble}
          {...(canMake &&
            isMissing && {
              action: {
                label: 'Make this folder',
                run: () => making.mutate({ path: here }),
                busy: making.isPending,
              },
            })}
        />
      )}
      {trouble !== null && making.error !== null && <ProblemNote problem={problemOf(making.error)} />}
      {place === undefined
        ? trouble === null && (
            <Stack gap="xs" aria-label="The folders are being read" role="status">
              {[70, 45, 60, 50].map((width) => (
                <Skeleton key={width} height={20} width={`${width}%`} />
              ))}
            </Stack>
          )
        : trouble === null && (
            <FolderList place={place} onGo={go} tools={canMake && <NewFolder key={here} parent={here} onMade={go} />} />
          )}
      <SheetFoot
        start={
          typed !== undefined &&
          typed !== sought &&
          typed !== here &&
          typed.trim() !== '' && (
            <Text size="sm" c="var(--quiet)">
              Press “Go there” to go into the folder that you typed.
            </Text>
          )
        }
      >
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={chosen === undefined}
          className={classes['choose']}
          {...(chosen !== undefined && { 'aria-label': `Choose ${visibleName(lastName(chosen))}` })}
          onClick={() => chosen !== undefined && onPick(chosen)}
        >
          {chosen === undefined ? (
            'Choose'
          ) : (
            <>
              Choose&nbsp;
              <Name text={lastName(chosen)} />
            </>
          )}
        </Button>
      </SheetFoot>
    </Stack>
  );
}

/** Makes a folder in the one that is shown, and goes into it. */
function NewFolder({
  parent,
  onMade,
}: {
  readonly parent: string;
  readonly onMade: (path: string) => void;
}): ReactNode {
  const [name, setName] = useState<string>();
  const making = useMutation(query.places.make.mutationOptions({ onSuccess: ({ path }) => onMade(path) }));
  if (name === undefined)
    return (
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconFolderPlus size={16} aria-hidden />}
        onClick={() => setName('')}
      >
        New folder
      </Button>
    );
  const close = () => {
    making.reset();
    setName(undefined);
  };
  return (
    <form
      className={classes['new']}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (name.trim() !== '') making.mutate({ path: parent, name: name.trim() });
      }}
    >
      <TextInput
        size="sm"
        aria-label={`Name of the new folder in ${visibleName(lastName(parent))}`}
        placeholder="Name of the new folder"
        value={name}
        autoFocus
        autoComplete="off"
        className={classes['typed']}
        error={making.error !== null && <FieldProblem problem={problemOf(making.error)} />}
        onChange={(event) => {
          setName(event.currentTarget.value);
          making.reset();
        }}
      />
      <Button type="submit" size="sm" disabled={name.trim() === ''} loading={making.isPending}>
        Make it
      </Button>
      <Button size="sm" variant="default" onClick={close}>
        Cancel
      </Button>
    </form>
  );
}

function Crumbs({ path, onGo }: { readonly path: string; readonly onGo: (path: string) => void }): ReactNode {
  const crumbs = crumbsOf(path);
  return (
    <nav aria-label="Where you are">
      <ol className={classes['crumbs']}>
        {crumbs.map((crumb, at) => (
          <li key={crumb.path}>
            {at === crumbs.length - 1 ? (
              <span aria-current="location">
                <Name text={crumb.name} />
              </span>
            ) : (
              <Anchor component="button" type="button" onClick={() => onGo(crumb.path)}>
                <Name text={crumb.name} />
              </Anchor>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

const rowHeight = 38;
/** Milliseconds within which letters belong to one word. */
const typingPause = 700;

/** The folders in a folder, for pointer and keyboard: arrows, Home and End, Enter to go in, Backspace to go up, letters to find. */
function FolderList({
  place,
  onGo,
  tools,
}: {
  readonly place: PlaceShape;
  readonly onGo: (path: string) => void;
  /** What else can be done in this folder. */
  readonly tools: ReactNode;
}): ReactNode {
  const { folders, parent } = place;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const typing = useRef({ text: '', at: 0 });
  // None at first: what would be marked could be taken for what is chosen, which is the folder around the list.
  const [active, setActive] = useState(-1);
  const [of, setOf] = useState(place.path);
  if (of !== place.path) {
    setOf(place.path);
    setActive(-1);
  }
  const rows = useVirtualizer({
    count: folders.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const move = (to: number) => {
    if (folders.length === 0) return;
    const next = Math.max(0, Math.min(folders.length - 1, to));
    setActive(next);
    rows.scrollToIndex(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 1);
    switch (event.key) {
      case 'ArrowDown':
        move(active + 1);
        break;
      case 'ArrowUp':
        move(active - 1);
        break;
      case 'PageDown':
        move(active + page);
        break;
      case 'PageUp':
        move(active - page);
        break;
      case 'Home':
        move(0);
        break;
      case 'End':
        move(folders.length - 1);
        break;
      case 'Enter':
      case 'ArrowRight': {
        const folder = folders[active];
        if (folder !== undefined) onGo(folder.path);
        break;
      }
      case 'Backspace':
      case 'ArrowLeft':
        if (parent !== null) onGo(parent);
        break;
      default: {
        if (event.key.length !== 1) return;
        const now = readClock();
        const { text, at } = typing.current;
        const word = now - at < typingPause ? text + event.key : event.key;
        typing.current = { text: word, at: now };
        const names = folders.map(({ name }) => name);
        const index = indexByTyping(names, word, word.length === 1 ? active + 1 : Math.max(0, active));
        if (index >= 0) move(index);
      }
    }
    event.preventDefault();
  };
  return (
    <div>
      <Group justify="space-between" mb={6}>
        <Text size="sm" c="var(--quiet)" role="status">
          {folders.length === 0
            ? 'There are no folders in here.'
            : `${counted(folders.length, 'folder')} in here. Press ${folders.length === 1 ? 'it to go in' : 'one to go into it'}.`}
        </Text>
        <Group gap="xs" className={classes['tools']}>
          {tools}
          {parent !== null && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconCornerLeftUp size={16} aria-hidden />}
              onClick={() => onGo(parent)}
            >
              One folder up
            </Button>
          )}
        </Group>
      </Group>
      <div
        ref={scroller}
        className={classes['list']}
        role="listbox"
        tabIndex={0}
        aria-label="Folders"
        aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
        onKeyDown={onKeyDown}
      >
        <div className={classes['all']} style={{ height: rows.getTotalSize() }} role="presentation">
          {rows.getVirtualItems().map(({ index, start }) => {
            const folder = folders[index];
            return (
              folder !== undefined && (
                <div
                  key={folder.path}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={index === active}
                  aria-setsize={folders.length}
                  aria-posinset={index + 1}
                  className={classes['row']}
                  style={{ transform: `translateY(${start}px)`, height: rowHeight }}
                  onClick={() => onGo(folder.path)}
                >
                  <IconFolder size={18} stroke={1.6} aria-hidden className={classes['icon']} />
                  <span className={classes['name']}>
                    <Name text={folder.name} />
                  </span>
                  <IconChevronRight size={16} aria-hidden className={classes['icon']} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
