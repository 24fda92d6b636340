import { useEffect, useMemo, useRef, useState } from 'react';
import { engine } from '../../app/rpc.ts';
import { useFilesRevision } from './listing.ts';
import { ancestorsOf, linesOf, type Folder, type TreeNode } from './tree-nodes.ts';

interface FolderTree {
  readonly lines: readonly TreeNode[];
  readonly problem: unknown;
  readonly open: (path: string) => void;
  readonly close: (path: string) => void;
  readonly retry: () => void;
}

/**
 * The folders of a source as of a moment, asked for as they are opened. Those of another moment take the place of the old
 * ones as they come. The shown folder's ancestors are opened by themselves.
 */
export function useFolderTree(source: string, path: string, at: number | null, deleted: boolean): FolderTree {
  const [children, setChildren] = useState<ReadonlyMap<string, readonly Folder[]>>(new Map());
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(['']));
  const [problem, setProblem] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  const revision = useFilesRevision(source);
  /** For which moment the folders in a folder were asked. */
  const asked = useRef(new Map<string, string>());
  // Adjusted while rendering, so that no line is drawn closed first.
  const [shown, setShown] = useState<string>();
  if (shown !== path) {
    setShown(path);
    const missing = ancestorsOf(path).filter((ancestor) => !opened.has(ancestor));
    if (missing.length > 0) setOpened(new Set([...opened, ...missing]));
  }
  useEffect(() => {
    const moment = JSON.stringify([source, at, deleted, revision, attempt]);
    for (const folder of opened) {
      if (asked.current.get(folder) === moment) continue;
      asked.current.set(folder, moment);
      engine.browse.folders({ source, path: folder, at, deleted }).then(
        (folders) => {
          // A newer question is under way: its answer counts.
          if (asked.current.get(folder) !== moment) return;
          setChildren((before) => new Map(before).set(folder, folders));
          setProblem(undefined);
        },
        (error: unknown) => {
          if (asked.current.get(folder) === moment) setProblem(error);
        },
      );
    }
  }, [opened, source, at, deleted, revision, attempt]);
  const lines = useMemo(() => linesOf(source, children, opened), [source, children, opened]);
  return {
    lines,
    problem,
    open: (folder) => setOpened(new Set([...opened, folder])),
    close: (folder) => setOpened(new Set([...opened].filter((other) => other !== folder))),
    retry: () => setAttempt(attempt + 1),
  };
}
