import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { LiveEvent, RunProgressShape } from '../../shared/contract/shapes.ts';
import { engine, query, wire, type Connection } from './rpc.ts';

type State = Extract<LiveEvent, { type: 'state' }>;

// Apart, because runs tell of themselves four times a second, and only what shows them is to be drawn so often.
const ConnectionContext = createContext<Connection>('connecting');
const StateContext = createContext<State | undefined>(undefined);
const RunsContext = createContext<readonly RunProgressShape[]>([]);

export function useConnection(): Connection {
  return useContext(ConnectionContext);
}

/** What the engine tells of itself; `undefined` until it has. */
export function useEngineState(): State | undefined {
  return useContext(StateContext);
}

/** The runs under way. */
export function useRuns(): readonly RunProgressShape[] {
  return useContext(RunsContext);
}

/** Which answers are old once something of that kind has changed. */
const affected = {
  sources: [query.sources, query.app.overview, query.app.integrity],
  stores: [query.stores],
  runs: [query.runs, query.app.events],
  files: [query.browse],
  settings: [query.settings],
} as const;

/** Whether a question is about the files of some sources: those that name no source are about all. */
function isAbout(sources: readonly string[]) {
  return ({ queryKey: [, asked] }: { readonly queryKey: readonly unknown[] }): boolean => {
    const source = (asked as { readonly input?: { readonly source?: unknown } } | undefined)?.input?.source;
    return typeof source !== 'string' || sources.includes(source);
  };
}

/** Listens to the engine as long as the window is open, and makes old answers be asked for again. */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const connection = useSyncExternalStore(wire.subscribe, wire.state);
  const times = useSyncExternalStore(wire.subscribe, wire.times);
  const [state, setState] = useState<State>();
  const [runs, setRuns] = useState<readonly RunProgressShape[]>([]);
  const client = useQueryClient();
  useEffect(() => {
    if (connection !== 'open') return;
    // What was missed while nobody listened.
    void client.invalidateQueries();
    const ending = new AbortController();
    const listen = async () => {
      let stopped = false;
      for await (const event of await engine.app.live(undefined, { signal: ending.signal })) {
        if (event.type === 'state') {
          setState(event);
          // Before it had started, it answered nothing.
          if (stopped && event.stopped === undefined) void client.invalidateQueries();
          stopped = event.stopped !== undefined;
          void client.invalidateQueries({ queryKey: query.app.overview.key() });
        } else if (event.type === 'progress') setRuns(event.runs);
        else
          for (const what of event.what)
            for (const part of affected[what])
              void client.invalidateQueries({
                queryKey: part.key(),
                ...(what === 'files' && event.filesOf !== undefined ? { predicate: isAbout(event.filesOf) } : {}),
              });
      }
    };
    // A broken stream is a lost connection, which comes back by itself.
    listen().catch(() => undefined);
    return () => {
      // Over a lost connection there is nobody to tell, and trying is a failure of its own.
      if (wire.state() === 'open') ending.abort();
    };
  }, [connection, times, client]);
  return (
    <ConnectionContext value={connection}>
      <StateContext value={state}>
        <RunsContext value={runs}>{children}</RunsContext>
      </StateContext>
    </ConnectionContext>
  );
}
