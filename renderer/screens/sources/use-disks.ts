import { useQueries } from '@tanstack/react-query';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { parseSpec } from '../../../shared/spec.ts';
import { query } from '../../app/rpc.ts';

/** Which disk or share each of some folders lies on, by path, as far as it is known by now. */
export function useDisks(paths: readonly string[]): ReadonlyMap<string, string> {
  const places = useQueries({
    queries: paths.map((path) => query.places.list.queryOptions({ input: { path }, staleTime: 60_000 })),
  });
  const disks = new Map<string, string>();
  places.forEach(({ data }, index) => {
    const path = paths[index];
    if (path !== undefined && data?.disk !== undefined) disks.set(path, data.disk);
  });
  return disks;
}

/** The folder of a folder store; `undefined` for every other kind. */
export function folderOfStore({ kind, spec }: Pick<StoreShape, 'kind' | 'spec'>): string | undefined {
  if (kind !== 'folder') return undefined;
  const parsed = parseSpec(spec);
  return parsed.kind === 'folder' ? parsed.path : undefined;
}
