import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ContentTicket } from '../../../../shared/contract/shapes.ts';
import { engine } from '../../../app/rpc.ts';
import { decodeText, type Decoded } from './decode-text.ts';

export interface Content {
  readonly source: string;
  readonly path: string;
  readonly version: number;
}

/** Milliseconds after which content that could not be had is asked for again: its disk or its server may be back. */
const againAfter = 10_000;

/**
 * An address for the bytes of a version, and what suits them. Tickets end by themselves, so none is kept for later.
 *
 * Not among the questions that are asked again whenever files change: a version never does, and with another address the
 * tape that somebody listens to would begin anew.
 */
export function useTicket(content: Content): UseQueryResult<ContentTicket> {
  return useQuery({
    queryKey: ['content-ticket', content],
    queryFn: ({ signal }) => engine.browse.content(content, { signal }),
    gcTime: 0,
    refetchInterval: ({ state }) => (state.status === 'error' ? againAfter : false),
  });
}

interface Fetched extends Decoded {
  /** Whether there is more than was asked for. */
  readonly isCut: boolean;
}

/** The beginning of a text. @param most bytes that are asked for. */
export async function fetchText(ticket: ContentTicket, most: number, signal: AbortSignal): Promise<Fetched> {
  const bytes = await fetchBytes(ticket, most, signal);
  const isCut = ticket.size > bytes.length;
  return { ...decodeText(bytes, isCut), isCut };
}

async function fetchBytes(ticket: ContentTicket, most: number, signal: AbortSignal): Promise<Uint8Array> {
  // A range of a file without bytes cannot be satisfied (RFC 9110, 15.5.17).
  if (ticket.size === 0) return new Uint8Array();
  const answer = await fetch(ticket.url, { headers: { range: `bytes=0-${most - 1}` }, signal });
  if (!answer.ok) throw new Error(`Content was refused with ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer()).subarray(0, most);
}
