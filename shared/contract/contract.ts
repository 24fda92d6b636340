import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import {
  amount,
  cadence,
  checkStep,
  contentTicket,
  bandwidthHours,
  dayOfChanges,
  fileVersion,
  folderSum,
  formerSource,
  found,
  historyEvent,
  instant,
  integrityOf,
  leftOutReasons,
  listRow,
  listSort,
  liveEvent,
  newStore,
  overview,
  place,
  problem,
  restoreEvent,
  restorePlan,
  restoreRequest,
  runSummary,
  settings,
  size,
  source,
  sourceRules,
  store,
  updateAnswer,
  writtenAs,
} from './shapes.ts';

/*
 * Everything that the window can ask of the engine. Both sides parse by these schemas: the window is untrusted input to
 * the engine, and the engine's answers are untrusted input to the window. Every failure is `FAILED` with a `problem`
 * whose code is of the closed set.
 */
const base = oc.errors({ FAILED: { message: 'It did not work.', data: problem } });
const nothing = z.object({});
const byName = z.object({ name: z.string() });
const until = z.union([instant, z.literal('forever')]);

export const contract = {
  app: {
    about: base.output(
      z.object({
        version: z.string(),
        /** Which door the window came through. */
        door: z.enum(['desktop', 'web']),
        platform: z.enum(['linux', 'macos', 'windows']),
        computer: z.string(),
        /** Where the catalog and the settings lie. */
        home: z.string(),
        catalogBytes: size,
        /** `no-vault`: there is no keychain, and nothing has been kept yet; a passphrase makes the vault. */
        secretsKeptIn: z.enum(['keychain', 'vault', 'locked-vault', 'no-vault']),
      }),
    ),
    overview: base.output(overview),
    /** Begins with the state as it is; ends only with the connection. */
    live: base.output(eventIterator(liveEvent)),
    /** How numbers and times are written from now on in what the engine says: here, in the tray and in e-mails. */
    writeAs: base.input(writtenAs).output(nothing),
    /** Somebody does something in the window: runs give way for some seconds, so that it answers at once. */
    attend: base.output(nothing),
    pause: base.input(z.object({ until })).output(nothing),
    resume: base.output(nothing),
    events: base
      .input(z.object({ source: z.string().optional(), before: z.int().optional(), limit: z.int().min(1).max(500) }))
      .output(z.object({ events: z.array(historyEvent), more: z.boolean() })),
    /** How the copies stand, by source and store: what the catalog knows, nothing is asked of a store. */
    integrity: base.output(z.array(integrityOf)),
    /** A zip without secrets and file names, fetched from the ticket's address. */
    diagnostics: base.output(contentTicket),
    /** Unlocks the vault file where there is no keychain. */
    unlock: base.input(z.object({ passphrase: z.string().min(1) })).output(nothing),
    /** Looks for a newer version now, at the address that the settings name. */
    lookForUpdates: base.output(updateAnswer),
  },
  /**
   * What a person decides while Strongroom could not start (`stopped` of the live state). Once it has started, the
   * others go on over the same connection.
   */
  start: {
    retry: base.output(nothing),
    /** The catalog becomes what it was then; the damaged one is moved to `aside`, if there was one. */
    goBack: base.input(z.object({ checkpoint: instant })).output(z.object({ aside: z.string().nullable() })),
    /** Makes a new catalog of what one store holds; what is left of the former one is moved to `aside`. */
    rebuild: base
      .input(
        z.object({
          from: z.discriminatedUnion('is', [
            z.object({ is: z.literal('known'), name: z.string() }),
            z.object({ is: z.literal('new'), store: newStore }),
          ]),
          /** Of the vault in which keys lie, where this computer has no keychain. */
          passphrase: z.string().min(1).optional(),
        }),
      )
      .output(
        z.object({
          aside: z.string().nullable(),
          sources: z.array(z.object({ name: z.string(), files: amount, versions: amount })),
        }),
      ),
    /** Ends Strongroom. Nothing is changed by it. */
    leave: base.output(nothing),
  },
  places: {
    /** The folders in a folder of this computer; without a path, the starting points. */
    list: base.input(z.object({ path: z.string().optional() })).output(place),
    /**
     * Makes a folder: of this name in the folder `path`, or the folder `path` itself, whose own folder is there already.
     * Never inside a source. Errors: `usage`, `name-taken`, `source-overlaps`, `source-missing`, `source-unreachable`, `disk-*`.
     */
    make: base
      .input(z.object({ path: z.string(), name: z.string().optional() }))
      .output(z.object({ path: z.string() })),
  },
  sources: {
    list: base.output(z.array(source)),
    /** Counts what the rules take in, again and again until it is done. Changes nothing. */
    preview: base.input(z.object({ root: z.string(), rules: sourceRules })).output(
      eventIterator(
        z.object({
          done: z.boolean(),
          files: amount,
          bytes: size,
          folders: amount,
          leftOut: amount,
          /** A few of the names left out, and of the largest files taken in. */
          examplesLeftOut: z.array(z.string()),
          /** The same by why they are left out, with how many there are: the first few of each. Absent while nothing is. */
          leftOutBy: z
            .array(z.object({ why: z.enum(leftOutReasons), amount, examples: z.array(z.string()) }))
            .optional(),
          largest: z.array(z.object({ path: z.string(), size })),
          /** Why the folder cannot be a source, where it cannot. */
          problem: problem.nullable(),
          /** The source that the folder was before it was removed, where it can be continued. */
          former: formerSource.optional(),
        }),
      ),
    ),
    add: base
      .input(
        z.object({
          root: z.string(),
          name: z.string().optional(),
          rules: sourceRules,
          cadence,
          stores: z.array(z.string()).min(1),
          /** Not to continue the source that the folder was before (`former` of the preview). */
          anew: z.boolean().optional(),
        }),
      )
      .output(source),
    edit: base
      .input(
        z.object({
          name: z.string(),
          root: z.string().optional(),
          rules: sourceRules.optional(),
          cadence: cadence.optional(),
          addStores: z.array(z.string()).optional(),
          /** Nothing more is copied there. The copies that lie there stay, and can be restored from. */
          removeStores: z.array(z.string()).optional(),
        }),
      )
      .output(source),
    pause: base.input(z.object({ name: z.string(), until })).output(nothing),
    resume: base.input(byName).output(nothing),
    /** Forgets the source here. The copies stay where they are. */
    remove: base.input(byName).output(nothing),
    /** Without a name, all of them. Returns once they are queued. */
    sync: base.input(z.object({ name: z.string().optional(), acceptChanges: z.boolean().optional() })).output(nothing),
    /** Makes sample materials and two folder stores, with a few days of history. */
    addSample: base.output(
      eventIterator(z.object({ done: z.boolean(), sentence: z.string(), source: z.string().nullable() })),
    ),
    removeSample: base.output(nothing),
  },
  runs: {
    list: base
      .input(z.object({ source: z.string().optional(), before: z.int().optional(), limit: z.int().min(1).max(200) }))
      .output(z.object({ runs: z.array(runSummary), more: z.boolean() })),
    problems: base
      .input(z.object({ run: z.int(), offset: amount, limit: z.int().min(1).max(500) }))
      .output(z.object({ problems: z.array(problem), total: amount })),
    cancel: base.input(z.object({ source: z.string() })).output(nothing),
  },
  browse: {
    /** The folders in a folder, for the tree. */
    folders: base
      .input(z.object({ source: z.string(), path: z.string(), at: instant.nullable(), deleted: z.boolean() }))
      .output(z.array(z.object({ name: z.string(), path: z.string(), deleted: z.boolean(), hasFolders: z.boolean() }))),
    /** Rows `offset` to `offset + limit` of a folder, folders first. `total` counts all of them. */
    list: base
      .input(
        z.object({
          source: z.string(),
          path: z.string(),
          at: instant.nullable(),
          deleted: z.boolean(),
          sort: listSort,
          descending: z.boolean(),
          offset: amount,
          limit: z.int().min(1).max(1_000),
        }),
      )
      .output(
        z.object({
          rows: z.array(listRow),
          total: amount,
          files: amount,
          bytes: size,
          /**
           * There where folders stand by name only because their sizes are not known yet: once `sums` has answered, the
           * same question has them in order.
           */
          provisional: z.literal(true).optional(),
        }),
      ),
    /**
     * What lies in some folders and in all that is below them; deleted files do not count. For the folders that are in
     * sight once they are: it may take longer than the rows, and ending the call early gives it up. A folder that the
     * catalog never knew is left out.
     */
    sums: base
      .input(z.object({ source: z.string(), at: instant.nullable(), paths: z.array(z.string()).max(1_000) }))
      .output(z.array(folderSum)),
    /** The days (or the quarters of an hour) in which something changed below a path, oldest first. */
    changes: base
      .input(
        z.object({
          source: z.string(),
          path: z.string(),
          timeZone: writtenAs.shape.timeZone.describe('of the days: an IANA name'),
          by: z.enum(['day', 'quarter']).optional().describe('day, where it is not said'),
        }),
      )
      .output(z.array(dayOfChanges)),
    /**
     * The moments at which a run left something changed below a path: up to `each` of them up to `around`, and as many
     * after it, oldest first. The last may lie ahead while a run is under way.
     */
    moments: base
      .input(z.object({ source: z.string(), path: z.string(), around: instant, each: z.int().min(1).max(500) }))
      .output(z.array(instant)),
    search: base
      .input(z.object({ text: z.string().max(1_000), source: z.string().optional(), limit: z.int().min(1).max(500) }))
      .output(z.object({ found: z.array(found), more: z.boolean() })),
    file: base
      .input(z.object({ source: z.string(), path: z.string() }))
      .output(z.object({ source: z.string(), path: z.string(), present: z.boolean(), versions: z.array(fileVersion) })),
    content: base.input(z.object({ source: z.string(), path: z.string(), version: z.int() })).output(contentTicket),
    /** Opens a version with the program that this computer has for it, as a read-only scratch copy. */
    open: base.input(z.object({ source: z.string(), path: z.string(), version: z.int() })).output(nothing),
  },
  restore: {
    plan: base.input(restoreRequest).output(restorePlan),
    /** Ending the stream early cancels it; what is restored by then stays. */
    start: base.input(restoreRequest).output(eventIterator(restoreEvent)),
    /** Cancels one that is under way, whose stream then says what was restored by then. One that has ended stays as it is. */
    cancel: base.input(z.object({ restore: z.int() })).output(nothing),
    /** Shows a folder into which something was restored, with this computer's own program for folders. */
    show: base.input(z.object({ folder: z.string() })).output(nothing),
  },
  stores: {
    list: base.output(z.array(store)),
    /** Proves that the store can be worked with, and only then keeps it. */
    add: base.input(newStore).output(store),
    /** Each step as it ends. */
    check: base.input(byName).output(eventIterator(z.object({ step: checkStep.nullable(), done: z.boolean() }))),
    setLimits: base
      .input(
        z.object({
          name: z.string(),
          upload: z.int().positive().nullable(),
          download: z.int().positive().nullable(),
          hours: z.array(bandwidthHours).max(50),
        }),
      )
      .output(store),
    setKey: base
      .input(z.object({ name: z.string(), accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) }))
      .output(nothing),
    /** Gives a store in Google Drive the key file of a service account, in the place of what it signed in with before. */
    setKeyFile: base.input(z.object({ name: z.string(), text: z.string().max(65_536) })).output(nothing),
    /**
     * Signs in to Google. First `open` with the address that the system's browser shows by then (for where none did),
     * then `signed-in` with a ticket for `stores.add`; with a store's name, that store works again afterwards.
     */
    signIn: base
      .input(
        z.object({
          store: z.string().optional(),
          /** The institution's OAuth client file, as text; kept for next time. */
          client: z.string().max(65_536).optional(),
          account: z.string().optional(),
          endpoint: z.string().optional(),
          /** Whether all files of the account may be seen: needed for a folder or shared drive that people made. */
          allFiles: z.boolean().optional(),
        }),
      )
      .output(
        eventIterator(
          z.discriminatedUnion('type', [
            z.object({ type: z.literal('open'), url: z.url() }),
            z.object({ type: z.literal('signed-in'), ticket: z.string() }),
          ]),
        ),
      ),
    /** Whether an OAuth client was given before. */
    hasClient: base.output(z.boolean()),
    remove: base.input(byName).output(nothing),
  },
  settings: {
    get: base.output(settings),
    set: base.input(settings.partial().extend({ emailPassword: z.string().optional() })).output(settings),
    testEmail: base.output(nothing),
    testPing: base.output(nothing),
  },
};

export type Contract = typeof contract;
