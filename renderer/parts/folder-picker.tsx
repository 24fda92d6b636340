import { Anchor, Button, Group, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconCornerLeftUp, IconFolder } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useEffectEvent, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { PlaceShape } from '../../shared/contract/shapes.ts';
import { query } from '../app/rpc.ts';
import { counted, readClock } from './figures.tsx';
import { crumbsOf, indexByTyping, lastName } from './folder-path.ts';
import { Name, visibleName } from './name.tsx';
import { ProblemNote, problemOf } from './problem.tsx';
import classes from './folder-picker.module.css';

interface FolderPickerProps {
  readonly opened: boolean;
  /** What the folder is for: `Choose the folder to protect`. */
  readonly title: string;
  /** Given the absolute path of the folder that was chosen. */
  readonly onPick: (path: string) => void;
  readonly onClose: () => void;
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

function FolderModal({ opened, title, onPick, onClose, start }: FolderPickerProps): ReactNode {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size="lg"
      centered={false}
      yOffset="6vh"
      // Often over a drawer, whose own header is a banner already.
      attributes={{ header: { role: 'presentation' } }}
    >
      <Browser
        start={start === '' ? undefined : start}
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
  onPick,
  onClose,
}: {
  readonly start: string | undefined;
  readonly onPick: (path: string) => void;
  readonly onClose: () => void;
}): ReactNode {
  const [asked, setAsked] = useState(start);
  const [typed, setTyped] = useState(start ?? '');
  const {
    data: place,
    error,
    isFetching,
  } = useQuery({
    ...query.places.list.queryOptions({ input: asked === undefined ? {} : { path: asked } }),
    // What lies in a folder changes without the engine knowing.
    staleTime: 0,
    gcTime: 0,
    placeholderData: (before: PlaceShape | undefined) => before,
  });
  const here = place?.path ?? '';
  const [shown, setShown] = useState(here);
  if (shown !== here) {
    setShown(here);
    setTyped(here);
  }
  const go = (path: string) => setAsked(path);
  const trouble = error === null ? (place?.problem ?? null) : problemOf(error);
  const chosen = trouble === null && here !== '' && typed === here ? here : undefined;
  return (
    <Stack gap="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // React would hand it on to a form that opened the picker.
          event.stopPropagation();
          if (typed.trim() !== '') go(typed.trim());
        }}
      >
        <Group align="end" gap="xs" wrap="nowrap">
          <TextInput
            className={classes['typed']}
            label="Folder"
            description="Type or paste a path, or find the folder below."
            value={typed}
            dir="ltr"
            spellCheck={false}
            autoComplete="off"
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            disabled={typed.trim() === ''}
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
      {trouble !== null && <ProblemNote problem={trouble} />}
      {place === undefined ? (
        trouble === null && (
          <Stack gap="xs" aria-label="The folders are being read" role="status">
            {[70, 45, 60, 50].map((width) => (
              <Skeleton key={width} height={20} width={`${width}%`} />
            ))}
          </Stack>
        )
      ) : (
        <FolderList place={place} onGo={go} />
      )}
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="var(--quiet)" className={classes['chosen']}>
          {chosen === undefined ? 'Go into the folder that you want.' : <Name text={chosen} path />}
        </Text>
        <Group gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={chosen === undefined} onClick={() => chosen !== undefined && onPick(chosen)}>
            Choose this folder
          </Button>
        </Group>
      </Group>
    </Stack>
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
function FolderList({ place, onGo }: { readonly place: PlaceShape; readonly onGo: (path: string) => void }): ReactNode {
  const { folders, parent } = place;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const typing = useRef({ text: '', at: 0 });
  const [active, setActive] = useState(0);
  const [of, setOf] = useState(place.path);
  if (of !== place.path) {
    setOf(place.path);
    setActive(0);
  }
  const rows = useVirtualizer({
    count: folders.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const move = (to: number) => {
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
        const index = indexByTyping(names, word, word.length === 1 ? active + 1 : active);
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
            : `${counted(folders.length, 'folder')} in ${visibleName(lastName(place.path) || 'this computer')}`}
        </Text>
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
      <div
        ref={scroller}
        className={classes['list']}
        role="listbox"
        tabIndex={0}
        aria-label="Folders"
        aria-activedescendant={folders.length === 0 ? undefined : `${id}-${active}`}
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
                  <Name text={folder.name} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
