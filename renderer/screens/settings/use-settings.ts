import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { Settings } from '../../../shared/contract/shapes.ts';
import { engine, query } from '../../app/rpc.ts';

/** What can be changed in one go; what is left out stays. */
export type SettingsChange = Partial<Settings> & { readonly emailPassword?: string };

/** The settings as the engine has them. */
export function useSettings(): UseQueryResult<Settings> {
  return useQuery(query.settings.get.queryOptions());
}

/** Changes settings at once, and shows what the engine made of them. Rejects as the call does; nothing is changed then. */
export function useChange(): (change: SettingsChange) => Promise<void> {
  const client = useQueryClient();
  return async (change) => {
    client.setQueryData(query.settings.get.queryKey(), await engine.settings.set(change));
  };
}
