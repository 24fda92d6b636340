import { z } from 'zod';
import { problem, updateAnswer } from '../../../shared/contract/shapes.ts';

/*
 * What the desktop shell and the engine's process say to one another besides the contract. Ports travel beside a message,
 * never in it. Both sides parse by these schemas.
 */

/** From the shell to the engine's process. */
export const toEngine = z.discriminatedUnion('kind', [
  /** Serve the contract over the port that comes with this message. */
  z.object({ kind: z.literal('serve') }),
  /** Answer with the bytes of a ticket over the port that comes with this message, by {@link contentAnswer}. */
  z.object({ kind: z.literal('content'), ticket: z.string().max(1_000), range: z.string().max(1_000).nullable() }),
  z.object({ kind: z.literal('online'), online: z.boolean() }),
  z.object({ kind: z.literal('suspend') }),
  z.object({ kind: z.literal('wake') }),
  /** End runs at the next safe point, close the catalog, and end the process. */
  z.object({ kind: z.literal('close') }),
  /** What became of an `ask`. `failed` says why it did not work, `null` that it did. */
  z.object({
    kind: z.literal('answer'),
    id: z.int(),
    failed: z.string().nullable(),
    /** What came of looking for updates, where that was asked. */
    update: updateAnswer.optional(),
  }),
]);
export type ToEngine = z.infer<typeof toEngine>;

/** What the service wants of the desktop that it stands on. */
export const desktopAsk = z.discriminatedUnion('do', [
  z.object({ do: z.literal('open-url'), url: z.string() }),
  z.object({ do: z.literal('open-path'), path: z.string() }),
  z.object({ do: z.literal('start-at-login'), on: z.boolean() }),
  /** Answered with `update`. */
  z.object({ do: z.literal('look-for-updates'), url: z.string().nullable() }),
  z.object({ do: z.literal('quit') }),
]);
export type DesktopAsk = z.infer<typeof desktopAsk>;

/** From the engine's process to the shell. */
export const fromEngine = z.discriminatedUnion('kind', [
  /** The service is open and ports are served from now on; those that came before have waited. */
  z.object({ kind: z.literal('ready') }),
  /** The service cannot be opened, and the process ends. */
  z.object({ kind: z.literal('refused'), problem }),
  z.object({ kind: z.literal('ask'), id: z.int(), ask: desktopAsk }),
]);
export type FromEngine = z.infer<typeof fromEngine>;

/** Asked over the port of a `content` message; nothing is read ahead of it. */
export const contentAsk = z.enum(['next', 'cancel']);

/** The answers over the port of a `content` message: `head` at once, then one of the others for each `next`. */
export const contentAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('head'),
    status: z.int().min(200).max(599),
    headers: z.record(z.string(), z.string()),
    hasBody: z.boolean(),
  }),
  z.object({ kind: z.literal('bytes'), bytes: z.instanceof(Uint8Array) }),
  z.object({ kind: z.literal('end') }),
  z.object({ kind: z.literal('failed') }),
]);
export type ContentMessage = z.infer<typeof contentAnswer>;
