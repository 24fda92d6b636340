import { Loader, Modal, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBolt, IconBuildingBank, IconFile, IconFolder, IconSearch, IconStack2 } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState, type ComponentType, type ReactNode } from 'react';
import { folderOf } from '../../shared/names.ts';
import { syncNow } from '../parts/acts.ts';
import { counted } from '../parts/figures.tsx';
import { matches } from '../parts/matching.ts';
import { Name } from '../parts/name.tsx';
import { tellProblem } from '../parts/problem.tsx';
import { useEngineState } from './live.tsx';
import { pauses } from './pausing.ts';
import { places } from './places.tsx';
import { engine, query } from './rpc.ts';
import { takeTyped } from './typed-ahead.ts';
import classes from './finder.module.css';

/** Something that can be gone to or done. */
interface Item {
  readonly key: string;
  readonly group: 'Screens' | 'Actions' | 'Sources' | 'Stores' | 'Files and folders';
  /** What it is found by, besides its label. */
  readonly words?: string;
  readonly label: string;
  readonly isPath?: boolean;
  readonly hint?: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>;
  readonly run: () => void;
}

const fewestLetters = 2;
const mostFiles = 8;
const typingMs = 80;

interface FinderProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onHelp: () => void;
}

/** Finds any screen, source, store, action and file by what is typed, and goes there. */
export function Finder({ opened, onClose, onHelp }: FinderProps): ReactNode {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      yOffset="10vh"
      size={620}
      padding={0}
      attributes={{ content: { 'aria-label': 'Find' } }}
    >
      <Modal.CloseButton tabIndex={-1} aria-label="Close" className="unseen" />
      <Search onClose={onClose} onHelp={onHelp} />
    </Modal>
  );
}

function Search({ onClose, onHelp }: Pick<FinderProps, 'onClose' | 'onHelp'>): ReactNode {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const listBox = useRef<HTMLDivElement>(null);
  const known = useKnown(onHelp);
  const { files, searching } = useFiles(text);
  const items = useMemo(() => [...known.filter((item) => fits(item, text)), ...files], [known, files, text]);
  const selected = Math.min(at, Math.max(0, items.length - 1));
  useEffect(() => {
    listBox.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [selected, items]);
  const choose = (item: Item | undefined) => {
    if (item === undefined) return;
    onClose();
    item.run();
  };
  const press = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setAt((selected + 1) % Math.max(1, items.length));
    else if (event.key === 'ArrowUp') setAt((selected + items.length - 1) % Math.max(1, items.length));
    else if (event.key === 'Enter') choose(items[selected]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        data-autofocus
        size="lg"
        variant="unstyled"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
        onFocus={() => {
          const before = takeTyped();
          if (before !== '') setText((now) => before + now);
        }}
        placeholder="A screen, source, store, file or action"
        aria-label="Find a screen, source, store, file or action"
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-autocomplete="list"
        {...(items.length > 0 && { 'aria-activedescendant': `${list}-${selected}` })}
        leftSection={<IconSearch size={20} aria-hidden />}
        rightSection={searching ? <Loader size="xs" aria-hidden /> : null}
        classNames={{ root: classes['field'] ?? '' }}
      />
      <div ref={listBox} id={list} role="listbox" aria-label="What was found" className={classes['list']}>
        {items.map((item, index) => (
          <Option
            key={item.key}
            id={`${list}-${index}`}
            item={item}
            selected={index === selected}
            title={items[index - 1]?.group === item.group ? undefined : item.group}
            onPoint={() => setAt(index)}
            onChoose={() => choose(item)}
          />
        ))}
      </div>
      {items.length === 0 && !searching && (
        <Text className={classes['none']}>
          Nothing is called that. A part of a file’s or folder’s name is enough, {fewestLetters} letters at least.
        </Text>
      )}
      <div role="status" className="unseen">
        {searching ? '' : counted(items.length, 'result')}
      </div>
    </>
  );
}

interface OptionProps {
  readonly id: string;
  readonly item: Item;
  readonly selected: boolean;
  readonly title: string | undefined;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
}

function Option({ id, item, selected, title, onPoint, onChoose }: OptionProps): ReactNode {
  const Icon = item.icon;
  return (
    <>
      {title !== undefined && (
        <div className={classes['group']} role="presentation">
          {title}
        </div>
      )}
      {/* The keyboard stays in the field, as in any combobox: arrows move, Enter chooses. */}
      <div
        id={id}
        role="option"
        aria-selected={selected}
        className={classes['option']}
        onPointerMove={onPoint}
        onClick={onChoose}
      >
        <Icon size={18} stroke={1.7} aria-hidden />
        <span className={classes['label']}>
          <Name text={item.label} path={item.isPath ?? false} />
        </span>
        {item.hint !== undefined && (
          <span className={classes['hint']}>
            <Name text={item.hint} />
          </span>
        )}
      </div>
    </>
  );
}

function fits(item: Item, text: string): boolean {
  return matches(`${item.label} ${item.words ?? ''} ${item.group}`, text);
}

/** Screens, actions, sources and stores. */
function useKnown(onHelp: () => void): readonly Item[] {
  const navigate = useNavigate();
  const state = useEngineState();
  const paused = state !== undefined && state.pausedUntil !== null;
  const { data: sources } = useQuery(query.sources.list.queryOptions());
  const { data: stores } = useQuery(query.stores.list.queryOptions());
  return useMemo(() => {
    const sync = (name?: string) => () => void syncNow(name);
    const action = (label: string, run: () => void, words = ''): Item => ({
      key: `action ${label}`,
      group: 'Actions',
      label,
      words,
      icon: IconBolt,
      run,
    });
    return [
      ...places.map(({ to, label, key, icon }) => ({
        key: to,
        group: 'Screens' as const,
        label,
        hint: `g ${key}`,
        icon,
        run: () => void navigate({ to }),
      })),
      ...(sources === undefined || sources.length === 0
        ? []
        : [action('Sync now, all sources', sync(), 'copy run start look through')]),
      ...(paused
        ? [action('Resume copying', () => void engine.app.resume().catch(tellProblem), 'pause continue')]
        : pauses.map(({ label, until }) =>
            action(
              `Pause: ${label.charAt(0).toLocaleLowerCase('en')}${label.slice(1)}`,
              () => void engine.app.pause({ until: until() }).catch(tellProblem),
              'stop wait',
            ),
          )),
      action('Restore a file', () => void navigate({ to: '/browse' }), 'get back earlier version deleted lost'),
      action(
        'Add a source',
        () => void navigate({ to: '/sources', search: { add: true } }),
        'protect folder share new',
      ),
      action('Add a store: Google Drive', () => void navigate({ to: '/stores', search: { add: 'drive' } }), 'new'),
      action('Add a store: S3', () => void navigate({ to: '/stores', search: { add: 's3' } }), 'new amazon bucket'),
      action('Add a store: folder on a disk', () => void navigate({ to: '/stores', search: { add: 'folder' } }), 'new'),
      action('Show the welcome', () => void navigate({ to: '/welcome' }), 'first run sample materials help'),
      action('Keyboard shortcuts', onHelp, 'help keys'),
      ...(sources ?? []).flatMap((source): Item[] => [
        {
          key: `source ${source.name}`,
          group: 'Sources',
          label: source.name,
          words: source.root,
          hint: 'browse',
          icon: IconBuildingBank,
          run: () => void navigate({ to: '/browse', search: { source: source.name } }),
        },
        {
          key: `sync ${source.name}`,
          group: 'Sources',
          label: source.name,
          words: 'copy run start',
          hint: 'sync now',
          icon: IconBolt,
          run: sync(source.name),
        },
      ]),
      ...(stores ?? []).map((store): Item => ({
        key: `store ${store.name}`,
        group: 'Stores',
        label: store.name,
        words: store.place,
        hint: store.place,
        icon: IconStack2,
        run: () => void navigate({ to: '/stores', search: { store: store.name } }),
      })),
    ];
  }, [navigate, onHelp, paused, sources, stores]);
}

/** Files and folders whose name holds what was typed, of all sources and times. */
function useFiles(typed: string): { readonly files: readonly Item[]; readonly searching: boolean } {
  const navigate = useNavigate();
  const [text] = useDebouncedValue(typed.trim(), typingMs);
  const enabled = text.length >= fewestLetters;
  const { data, isFetching } = useQuery(
    query.browse.search.queryOptions({
      input: { text, limit: mostFiles },
      enabled,
      placeholderData: keepPreviousData,
    }),
  );
  const files = useMemo(() => {
    if (!enabled || data === undefined) return [];
    const items = data.found.map(({ source, path, kind, present }): Item => ({
      key: `file ${source}\n${path}`,
      group: 'Files and folders',
      label: path,
      isPath: true,
      hint: present ? source : `${source}, not there any more`,
      icon: kind === 'file' ? IconFile : IconFolder,
      run: () =>
        void navigate({
          to: '/browse',
          search: {
            source,
            ...(kind === 'file' ? { path: folderOf(path), file: path } : { path }),
            ...(present ? {} : { deleted: true }),
          },
        }),
    }));
    if (data.more)
      items.push({
        key: 'more',
        group: 'Files and folders',
        label: `All that is called “${text}”`,
        icon: IconSearch,
        run: () => void navigate({ to: '/browse', search: { find: text } }),
      });
    return items;
  }, [data, enabled, navigate, text]);
  return { files, searching: enabled && isFetching };
}
