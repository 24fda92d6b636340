import { z } from 'zod';
import { copyStates, eventKinds, runOutcomes } from '../domain.ts';
import { errorCodes } from '../errors.ts';

/*
 * What crosses the wire between the window and the engine. Plain JSON: instants are milliseconds since 1970, sizes bytes,
 * paths as `names.ts` writes them, `/`-separated and relative to their source ('' is the source's own folder).
 */
export const instant = z.int().describe('milliseconds since 1970');
export const size = z.int().nonnegative().describe('bytes');
export const amount = z.int().nonnegative();
const name = z.string().min(1).max(255);
const path = z.string().max(65_536);

/** A failure in words, with its code from the closed set. */
export const problem = z.object({
  code: z.enum(errorCodes),
  /** The file, store or source that it happened to. */
  subject: z.string().nullable(),
  message: z.string(),
  /** What to do next. */
  advice: z.string().nullable(),
});

/** How the person in front of the window writes numbers and times. */
export const writtenAs = z.object({
  locale: z.string().max(100).refine(isLocale).describe('a BCP 47 tag, https://www.rfc-editor.org/rfc/rfc5646'),
  timeZone: z.string().max(100).refine(isTimeZone).describe('a name of the IANA time zone database'),
});

export const sourceRules = z.object({
  exclude: z.array(z.string().max(4_096)).max(1_000),
  include: z.array(z.string().max(4_096)).max(1_000),
  /** Whether the usual litter (`Thumbs.db`, `.DS_Store`, …) is left out. */
  defaults: z.boolean(),
});

/** How often a source has a run. Between runs, changes that the system tells of are taken at once. */
export const cadence = z.object({
  /** Minutes from run to run. */
  everyMinutes: z.int().min(5).max(10_080),
  /** Whether changes are copied soon after they happen, besides these runs. */
  watch: z.boolean(),
});

/** One state for the tray and the top of the window; of several that hold, the first in this order. */
export const appStates = ['needs-you', 'paused', 'offline', 'working', 'safe'] as const;

/**
 * How a state looks where its name alone would say too much: `caution`, all is copied, but not where it would outlive the
 * disk; `empty`, there is nothing yet that could be safe.
 */
export const tone = z.enum(['caution', 'empty']);

/** What a person can do about a thing with one press. */
export const attentionAction = z.discriminatedUnion('do', [
  /** `run`: the run that saw the changes and asks. */
  z.object({ do: z.literal('accept-changes'), source: name, run: z.int().optional() }),
  z.object({ do: z.literal('sign-in'), store: name }),
  z.object({ do: z.literal('give-key'), store: name }),
  z.object({ do: z.literal('check-store'), store: name }),
  z.object({ do: z.literal('move-source'), source: name }),
  z.object({ do: z.literal('sync'), source: name }),
  z.object({ do: z.literal('see-run'), run: z.int() }),
  z.object({ do: z.literal('see-file'), source: name, path }),
  /** Give the passphrase of the vault of secrets. */
  z.object({ do: z.literal('unlock') }),
  z.object({ do: z.literal('add-source') }),
  z.object({ do: z.literal('add-store') }),
]);

/** Something that only a person can settle. */
export const attention = z.object({
  /** The same for the same thing, so that nobody is told twice. */
  id: z.string(),
  title: z.string(),
  detail: z.string(),
  since: instant,
  action: attentionAction.nullable(),
  /** What else can be done about it, where the first is not it. */
  otherAction: attentionAction.optional(),
  /** Of a source whose folder cannot be reached: which and where. Several of one place are told as one (`shared/away.ts`). */
  away: z.object({ source: name, root: z.string() }).optional(),
});

/** One store's share of a source. */
export const sourceCopy = z.object({
  store: name,
  kind: z.enum(['folder', 's3', 'drive']),
  /** `complete`: every version of every file is there; `behind`: copies are still to be made; `stopped`: a person is needed. */
  state: z.enum(['complete', 'behind', 'stopped', 'damaged']),
  pending: amount,
  pendingBytes: size,
  stored: amount,
  verified: amount,
  bad: amount.describe('copies missing or corrupt'),
  problem: problem.nullable(),
});

export const runNumbers = z.object({
  seen: amount,
  added: amount,
  changed: amount,
  deleted: amount,
  moved: amount,
  unchanged: amount,
  skipped: amount,
  failed: amount,
});

export const runSummary = z.object({
  id: z.int(),
  source: name,
  startedAt: instant,
  endedAt: instant.nullable(),
  /** `null` while it runs, or where the process was killed. */
  outcome: z.enum(runOutcomes).nullable(),
  numbers: runNumbers,
  stores: z.array(
    z.object({
      store: name,
      copied: amount,
      deleted: amount,
      bytesSent: size,
      copiedWithin: amount,
      failed: amount,
      pending: amount,
    }),
  ),
  /** What a run that stopped before a mass change saw. */
  questioned: z
    .object({
      changed: amount,
      gone: amount,
      of: amount,
      examples: z.array(z.string()),
      /** By the folder that the files themselves lie in, those with most first, the first hundred. */
      folders: z.array(z.object({ folder: path, changed: amount, gone: amount })).optional(),
    })
    .nullable(),
  /** Of a run that failed because of the source's own folder: what was the matter with it. */
  rootTrouble: z.enum(['gone', 'emptied', 'unreadable', 'no-folder']).optional(),
});

export const source = z.object({
  name,
  root: z.string(),
  rules: sourceRules,
  cadence,
  addedAt: instant,
  /** Until when it is paused; `forever` until a person resumes it. */
  pausedUntil: z.union([instant, z.literal('forever')]).nullable(),
  /** Whether the folder can be seen now: its server is there and it is the folder that was added. */
  reachable: z.boolean(),
  /** Where its copies lie badly, in a sentence: all of them on the disk of the folder itself. `null` where they do not. */
  caution: z.string().nullable().optional(),
  files: amount,
  bytes: size,
  /** Versions with content, over all time: a deletion is none. */
  versions: amount,
  copies: z.array(sourceCopy),
  lastRun: runSummary.nullable(),
  nextRunAt: instant.nullable(),
  /** Whether a run of it is under way or waiting for its turn. */
  running: z.boolean(),
});

/** A folder that was a source until it was removed, with versions and copies that are still known. */
export const formerSource = z.object({
  name,
  removedAt: instant,
  versions: amount,
  /** Those of its stores that are still there. */
  stores: z.array(name),
});

/** Why something in a folder is not taken in: links and what else is no file; the usual litter; a rule of the person's own. */
export const leftOutReasons = ['link', 'litter', 'rule'] as const;

/** The run under way, a few times a second. */
export const runProgress = z.object({
  run: z.int().nullable(),
  source: name,
  startedAt: instant,
  phase: z.enum(['scanning', 'copying', 'publishing']),
  filesSeen: amount,
  bytesHashed: size,
  stores: z.array(
    z.object({
      store: name,
      copied: amount,
      bytesSent: size,
      pendingCopies: amount,
      pendingBytes: size,
      /** Bytes a second, over the last seconds. */
      rate: z.number().nonnegative(),
      /** Milliseconds that are left at this rate; `null` where nobody can tell. */
      remainingMs: amount.nullable(),
      /** Paths being copied at this moment, the first few. */
      inFlight: z.array(z.object({ path, size, sent: size })),
      problem: problem.nullable(),
    }),
  ),
});

/** Why Strongroom has not started, and what a person can choose. Nothing else is answered until it has. */
export const stoppedStart = z.object({
  problem,
  /** What is being done about it, in a sentence; `null` while it waits for a person. */
  work: z.string().nullable(),
  /** Former states of the catalog that are kept on this computer, newest first. */
  checkpoints: z.array(
    z.object({
      at: instant,
      size,
      /** Whether it can be gone back to; `null` until it was read through. */
      whole: z.boolean().nullable(),
      /** What it knows, as far as it could be read. */
      sources: z.array(name),
      files: amount,
    }),
  ),
  /** Who has the catalog open, where another process has it and said so. */
  owner: z.object({ process: z.int(), since: instant }).nullable(),
  /** The stores that what is left of the catalog names. Their keys and sign-ins are where they were. */
  stores: z.array(z.object({ name, kind: z.enum(['folder', 's3', 'drive']), place: z.string() })),
});

/** What came of looking for a newer version. */
export const updateAnswer = z.discriminatedUnion('found', [
  z.object({ found: z.literal('nothing-newer') }),
  /** `fetching`: it comes by itself, and is put in place when Strongroom is ended. */
  z.object({ found: z.literal('newer'), version: z.string(), fetching: z.boolean() }),
  z.object({ found: z.literal('no-answer') }),
  /** Nobody said where new versions lie. */
  z.object({ found: z.literal('no-address') }),
  /** This Strongroom is not one that is put in place by itself: it runs in a browser, or from its sources. */
  z.object({ found: z.literal('not-here'), runs: z.enum(['in-a-browser', 'from-sources']) }),
]);

/** What the window keeps up to date without asking. */
export const liveEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('state'),
    state: z.enum(appStates),
    tone: tone.optional(),
    /** One sentence, as the tray's tooltip says it. */
    sentence: z.string(),
    /** `null` unless everything is paused. */
    pausedUntil: z.union([instant, z.literal('forever')]).nullable(),
    attention: z.array(attention),
    /** There only while Strongroom has not started and a person has to choose how it goes on. */
    stopped: stoppedStart.optional(),
  }),
  z.object({ type: z.literal('progress'), runs: z.array(runProgress) }),
  /** Something else is to be asked for again. */
  z.object({
    type: z.literal('changed'),
    what: z.array(z.enum(['sources', 'stores', 'runs', 'files', 'settings'])),
    /** Whose files have changed, by name; absent: perhaps those of all sources. */
    filesOf: z.array(name).optional(),
  }),
]);

/** Bandwidth in bytes a second; `null`: as fast as it goes. */
const rate = z.int().positive().nullable();
/** Different limits at some hours of some weekdays. The first entry that fits holds; none: the store's own limits. */
export const bandwidthHours = z.object({
  /** 0 is Sunday. */
  weekdays: z.array(z.int().min(0).max(6)).min(1),
  /** Minutes since midnight, local time; `to` below `from` reaches into the next day. */
  from: z.int().min(0).max(1_439),
  to: z.int().min(0).max(1_440),
  upload: rate,
  download: rate,
});

export const store = z.object({
  name,
  kind: z.enum(['folder', 's3', 'drive']),
  /** The spec, as the command line writes it. */
  spec: z.string(),
  /** Where it is, for a person: `Google Drive, folder Masters`. */
  place: z.string(),
  addedAt: instant,
  /** Its page in the browser, where it has one. */
  webUrl: z.string().nullable(),
  upload: rate,
  download: rate,
  hours: z.array(bandwidthHours),
  sources: z.array(name),
  /** Sources that it still holds copies of, and gets none of any more: removed ones, and ones copied elsewhere since. */
  formerSources: z.array(z.object({ name, removed: z.boolean(), copies: amount })).optional(),
  /** Whether it is one of the sample materials', and goes with them. */
  sample: z.boolean().optional(),
  /** When a check of it was last ended here, and whether all steps passed. Absent where that is not known. */
  lastCheck: z.object({ at: instant, passed: z.boolean() }).optional(),
  /** Bytes that are free on a folder store's disk. Absent for other stores, and while it cannot be seen. */
  freeBytes: size.optional(),
  /** Why its copies might be lost with what they are copies of, in a sentence; absent where nothing says so. */
  caution: z.string().optional(),
  /** What Strongroom keeps there. */
  copies: amount,
  bytes: size,
  /** Requests sent this calendar month, and what space and requests cost a month; `null` where nobody knows. */
  requestsThisMonth: amount,
  monthlyCost: z
    .object({
      currency: z.string(),
      amount: z.number(),
      basis: z.string().describe('how it was reckoned, in a sentence'),
    })
    .nullable(),
  problem: problem.nullable(),
});

export const checkStep = z.object({
  name: z.string(),
  passed: z.boolean(),
  problem: problem.nullable(),
});

/** What a person fills in to add a store. Keys go into the keychain or the vault, and never come back. */
export const newStore = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('folder'),
    name: name.optional(),
    path: z.string().min(1),
    /** A folder that is about to be protected, where the store is added for it: the two must not overlap. */
    protecting: z.string().optional(),
  }),
  z.object({
    kind: z.literal('s3'),
    name: name.optional(),
    bucket: z.string().min(1),
    prefix: z.string(),
    endpoint: z.string().optional(),
    region: z.string().optional(),
    storageClass: z.string().optional(),
    key: z.object({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) }).optional(),
    enableVersioning: z.boolean(),
  }),
  z.object({
    kind: z.literal('drive'),
    name: name.optional(),
    /** Id of a folder or shared drive, or `root`. */
    folder: z.string(),
    path: z.string(),
    /** Given by `stores.signIn`, which keeps the sign-in until the store is added; or a service account's key file. */
    credential: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('signed-in'), ticket: z.string() }),
      z.object({ kind: z.literal('key-file'), text: z.string().max(65_536) }),
    ]),
    endpoint: z.string().optional(),
  }),
]);

/** A folder or file of a source as of an instant. */
export const listRow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('folder'), name: z.string(), path, deleted: z.boolean() }),
  z.object({
    kind: z.literal('file'),
    name: z.string(),
    path,
    deleted: z.boolean(),
    size,
    mtime: instant,
    version: z.int(),
    versions: amount,
    /** When this version was first seen. */
    firstSeen: instant,
    /** Whether every store has it. */
    copied: z.boolean(),
  }),
]);

/**
 * What the files of a listing are sorted by; folders come before them, by name or by what lies below them (`size`).
 * `versions`: how many there are over all time; `copies`: what is not in every store comes before what is.
 */
export const listSort = z.enum(['name', 'size', 'mtime', 'versions', 'copies']);

/** A folder with all that lies below it, as of an instant. */
export const folderSum = z.object({ path, files: amount, bytes: size });

export const dayOfChanges = z.object({
  /** The beginning of the day, in the time zone that was asked for, or of the quarter of an hour. */
  day: instant,
  added: amount,
  changed: amount,
  deleted: amount,
  /** So many of the added, and of the deleted, are files that were renamed or moved within the folder. Absent where none was. */
  moved: amount.optional(),
});

export const fileVersion = z.object({
  number: z.int(),
  deleted: z.boolean(),
  size,
  mtime: instant.nullable(),
  sha256: z.string().nullable(),
  firstSeen: instant,
  supersededAt: instant.nullable(),
  movedFrom: path.nullable(),
  copies: z.array(
    z.object({
      store: name,
      kind: z.enum(['folder', 's3', 'drive']),
      state: z.enum(copyStates),
      storedAt: instant.nullable(),
      checkedAt: instant.nullable(),
      checkedHow: z.string().nullable(),
      /** Its page in the store's own web pages, where it has one. */
      webUrl: z.string().nullable(),
    }),
  ),
});

export const found = z.object({
  source: name,
  path,
  kind: z.enum(['file', 'folder']),
  /** Whether it is there now, as far as the last run saw. */
  present: z.boolean(),
  size: size.nullable(),
  versions: amount,
  lastSeen: instant.nullable(),
});

/** Bytes of a version that the window may fetch once from `content/<ticket>` of its own origin, ranges included. */
export const contentTicket = z.object({
  /** Address relative to the window's origin. */
  url: z.string(),
  size,
  /** The media type that it is served as. Anything that could run is served as plain text or not at all. */
  type: z.string(),
  /** Which viewer suits it. */
  viewer: z.enum(['image', 'tiff', 'pdf', 'text', 'table', 'audio', 'video', 'none']),
  /** Which copy it comes from: `source` for the file itself. */
  from: z.string(),
});

export const conflictAnswers = ['keep-both', 'skip', 'overwrite'] as const;

export const restoreRequest = z.object({
  source: name,
  items: z
    .array(z.object({ path, version: z.int().nullable().describe('a file’s version; null: as of `at`') }))
    .min(1)
    .max(10_000),
  at: instant.nullable().describe('null: now'),
  /** The folder to restore into; `null`: where it came from. */
  into: z.string().nullable(),
  conflict: z.enum(conflictAnswers),
});

export const restorePlan = z.object({
  files: amount,
  bytes: size,
  target: z.string(),
  /** Of a single file, the folder that it goes into, and what is there. Absent for several. */
  single: z
    .object({
      folder: z.string(),
      /** Its name there where nothing is in its way. */
      name: z.string(),
      /** What lies there by this name; `same` by size and modification time, without reading it. */
      there: z.enum(['nothing', 'same', 'something']),
      /** The name that it has beside what lies there; its time is of now. */
      beside: z.string(),
    })
    .optional(),
  /** What a person should know first: an archive that thaws, an allowance that makes it slow. */
  notes: z.array(z.string()),
  /** Why nothing can be written there now. */
  hindrance: problem.optional(),
});

export const restoreEvent = z.discriminatedUnion('type', [
  /** By which `restore.cancel` knows it. Comes first. */
  z.object({ type: z.literal('started'), restore: z.int() }),
  z.object({ type: z.literal('progress'), files: amount, bytes: size, allFiles: amount, allBytes: size }),
  z.object({ type: z.literal('notice'), text: z.string() }),
  z.object({
    type: z.literal('done'),
    target: z.string(),
    restored: amount,
    bytes: size,
    same: amount,
    kept: z.array(z.string()),
    renamed: z.array(z.object({ path, as: z.string(), why: z.string() })),
    failed: z.array(problem),
    /** How many there are: of many, the first thousand are listed. */
    keptFiles: amount,
    failedFiles: amount,
    /** Why it ended before every file had its turn, if so: `cancelled` where a person did it. */
    stopped: problem.optional(),
    /** Files that did not have their turn. */
    left: amount,
    /** Of a single file that is there now: its folder, and its name in it. */
    single: z.object({ folder: z.string(), name: z.string() }).optional(),
  }),
]);

export const historyEvent = z.object({
  id: z.int(),
  at: instant,
  kind: z.enum(eventKinds),
  source: name.nullable(),
  store: name.nullable(),
  path: path.nullable(),
  /** Whether the path is a folder's. */
  folder: z.boolean().optional(),
  /** The event in a sentence. */
  sentence: z.string(),
});

export const settings = z.object({
  startAtLogin: z.boolean(),
  notifications: z.boolean(),
  appearance: z.enum(['system', 'light', 'dark']),
  updates: z.enum(['automatic', 'ask', 'off']),
  /** Where an institution keeps new versions; `null`: where this Strongroom was told to look when it was made. */
  updatesUrl: z
    .url({ protocol: /^https$/ })
    .max(2_000)
    .nullable(),
  /** The password is kept apart, in the keychain or vault. */
  email: z
    .object({
      host: z.string().min(1),
      port: z.int().min(1).max(65_535),
      secure: z.boolean(),
      user: z.string(),
      hasPassword: z.boolean(),
      from: z.string().min(3),
      to: z.array(z.string().min(3)).min(1),
    })
    .nullable(),
  /** Called after every round in which everything was well: silence is then the alarm. */
  pingUrl: z.url({ protocol: /^https?$/ }).nullable(),
});

export const overview = z.object({
  /** Whether there is anything to protect yet. */
  empty: z.boolean(),
  /** *Is everything safe?*, answered. */
  headline: z.string(),
  detail: z.string(),
  state: z.enum(appStates),
  tone: tone.optional(),
  sources: z.array(source),
  attention: z.array(attention),
  files: amount,
  bytes: size,
  versions: amount,
  /** Bytes and files protected at the end of each day, oldest first. */
  growth: z.array(z.object({ day: instant, files: amount, bytes: size })),
});

/** What is known of the copies of one source in one store. */
export const integrityOf = z.object({
  source: name,
  store: name,
  /** Copies that count: each confirmed by the store's checksum when it was made, or by a check since. */
  good: amount,
  /** Of them, checked again since they were made. */
  checked: amount,
  /** Copies missing or damaged. */
  bad: amount,
  /** Of which files, the first ten. */
  badPaths: z.array(path),
  /** When every copy was last checked and found good; `null`: never. */
  confirmedAt: instant.nullable(),
});

/** A folder of this computer, for choosing one where no system dialog can be shown. */
export const place = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  /** Starting points: home, mounted shares, drives. */
  roots: z.array(z.object({ label: z.string(), path: z.string() })),
  folders: z.array(z.object({ name: z.string(), path: z.string() })),
  /** Which disk or share the folder lies on: the same for folders that would be lost together. Absent where nobody knows. */
  disk: z.string().optional(),
  problem: problem.nullable(),
});

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export type WrittenAs = z.infer<typeof writtenAs>;
export type Problem = z.infer<typeof problem>;
export type SourceRules = z.infer<typeof sourceRules>;
export type Cadence = z.infer<typeof cadence>;
export type Tone = z.infer<typeof tone>;
export type AppState = (typeof appStates)[number];
export type Attention = z.infer<typeof attention>;
export type AttentionAction = z.infer<typeof attentionAction>;
export type SourceCopy = z.infer<typeof sourceCopy>;
export type RunShape = z.infer<typeof runSummary>;
export type SourceShape = z.infer<typeof source>;
export type FormerSource = z.infer<typeof formerSource>;
export type RunProgressShape = z.infer<typeof runProgress>;
export type LiveEvent = z.infer<typeof liveEvent>;
export type StoppedStart = z.infer<typeof stoppedStart>;
export type UpdateAnswer = z.infer<typeof updateAnswer>;
export type BandwidthHours = z.infer<typeof bandwidthHours>;
export type StoreShape = z.infer<typeof store>;
export type NewStore = z.infer<typeof newStore>;
export type CheckStepShape = z.infer<typeof checkStep>;
export type ListRow = z.infer<typeof listRow>;
export type ListSort = z.infer<typeof listSort>;
export type FolderSum = z.infer<typeof folderSum>;
export type DayOfChanges = z.infer<typeof dayOfChanges>;
export type FileVersion = z.infer<typeof fileVersion>;
export type Found = z.infer<typeof found>;
export type ContentTicket = z.infer<typeof contentTicket>;
export type RestoreRequest = z.infer<typeof restoreRequest>;
export type RestorePlan = z.infer<typeof restorePlan>;
export type RestoreEvent = z.infer<typeof restoreEvent>;
export type HistoryEvent = z.infer<typeof historyEvent>;
export type Settings = z.infer<typeof settings>;
export type Overview = z.infer<typeof overview>;
export type IntegrityOf = z.infer<typeof integrityOf>;
export type PlaceShape = z.infer<typeof place>;
