import { Button, CloseButton, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { IconSearch } from '@tabler/icons-react';
import { useRef, useState, type ReactNode } from 'react';
import type { Found } from '../../../shared/contract/shapes.ts';
import { folderOf } from '../../../shared/names.ts';
import { useConnection } from '../../app/live.tsx';
import { query } from '../../app/rpc.ts';
import { Empty } from '../../parts/empty.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { visibleName } from '../../parts/name.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { Explorer } from './explorer.tsx';
import { SearchResults } from './search-results.tsx';
import classes from './browse.module.css';

const route = getRouteApi('/browse');
/** Milliseconds without a key before the address follows what is typed. */
const addressDelay = 400;

/** What a source holds and held: folders, files, their versions, and the way to get them back. */
export function Browse(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const connection = useConnection();
  const sources = useQuery(query.sources.list.queryOptions());
  const field = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLDivElement>(null);
  const [text, setText] = useState(search.find ?? '');
  const [found, setFound] = useState(search.find);
  // Going back or forward in the address changes the field; typing changes the address a little later.
  if (found !== search.find) {
    setFound(search.find);
    setText(search.find ?? '');
  }
  const follow = useDebouncedCallback((typed: string) => {
    const find = typed.trim() === '' ? undefined : typed;
    setFound(find);
    void navigate({ search: (before) => ({ ...before, find }), replace: true });
  }, addressDelay);
  const list = sources.data;
  if (list === undefined)
    return (
      <Page title="Browse" width="fill">
        {sources.isError ? (
          <ProblemNote
            problem={problemOf(sources.error)}
            action={{ label: 'Try again', run: () => void sources.refetch(), busy: sources.isFetching }}
          />
        ) : (
          <RowsLoading rows={10} label={connection === 'open' ? 'Loading your sources…' : 'Waiting for Strongroom…'} />
        )}
      </Page>
    );
  if (list.length === 0)
    return (
      <Page title="Browse" width="fill">
        <Empty
          drawing="files"
          title="Nothing to browse yet"
          action={
            <Button renderRoot={(props) => <Link to="/sources" search={{ add: true }} {...props} />}>
              Add a source
            </Button>
          }
        >
          Once a folder is protected, its files and every version of them can be looked at here, as they are now and as
          they were at any moment.
        </Empty>
      </Page>
    );
  const source = search.source === undefined ? list[0] : list.find(({ name }) => name === search.source);
  const type = (typed: string) => {
    setText(typed);
    follow(typed);
  };
  const choose = (hit: Found) => {
    follow.cancel();
    setText('');
    setFound(undefined);
    void navigate({
      search: {
        source: hit.source,
        path: hit.kind === 'file' ? folderOf(hit.path) : hit.path,
        file: hit.kind === 'file' ? hit.path : undefined,
        deleted: search.deleted === true || !hit.present ? true : undefined,
      },
    });
  };
  const finding = (
    <>
      <Select
        className={classes['source'] ?? ''}
        aria-label="Source"
        data={list.map(({ name }) => ({ value: name, label: visibleName(name) }))}
        value={source?.name ?? null}
        placeholder="Choose a source"
        allowDeselect={false}
        searchable={list.length > 8}
        nothingFoundMessage="No source of that name"
        onChange={(name) => {
          if (name !== null) void navigate({ search: { source: name, deleted: search.deleted, at: search.at } });
        }}
      />
      <TextInput
        ref={field}
        className={classes['search'] ?? ''}
        type="search"
        aria-label="Search all sources, versions and times"
        placeholder="Search all sources, at all times"
        leftSection={<IconSearch size={18} aria-hidden />}
        rightSection={
          text !== '' && (
            <CloseButton
              size="sm"
              aria-label="Clear the search"
              onClick={() => {
                type('');
                field.current?.focus();
              }}
            />
          )
        }
        value={text}
        maxLength={1_000}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if ((event.key === 'ArrowDown' || event.key === 'Enter') && results.current !== null) {
            event.preventDefault();
            results.current.focus();
          } else if (event.key === 'Escape' && text !== '') {
            event.preventDefault();
            type('');
          }
        }}
      />
    </>
  );
  const isSearching = text.trim() !== '';
  return (
    <Page title="Browse" width="fill" actions={finding}>
      {isSearching ? (
        <div className={classes['columns']}>
          <div className={classes['middle']}>
            <SearchResults text={text} boxRef={results} onChoose={choose} onLeave={() => field.current?.focus()} />
          </div>
        </div>
      ) : source === undefined ? (
        <ProblemNote
          problem={{
            code: 'unknown-name',
            subject: search.source ?? null,
            message: 'There is no source of this name any more.',
            advice: 'Choose another one above. Copies of a source that was removed stay in their stores.',
          }}
        />
      ) : (
        <Explorer key={source.name} source={source} />
      )}
    </Page>
  );
}
