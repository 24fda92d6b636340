import { z } from 'zod';
import { copyStates, eventKinds, runOutcomes } from '../../../shared/domain.ts';
import { errorCodes } from '../../../shared/errors.ts';

/*
 * What `--json` prints: one object a command, of the schema of that command. `strongroom schema <command>` prints it as
 * JSON Schema. Instants are ISO 8601 in UTC, sizes bytes, and an error is `{ "error": … }` with a non-zero exit code.
 */
const instant = z.iso.datetime().describe('an instant, ISO 8601 in UTC');
const size = z.int().nonnegative().describe('bytes');
const amount = z.int().nonnegative();

const problem = z.object({
  code: z.enum(errorCodes),
  subject: z.string().nullable().describe('the file, store or source'),
  message: z.string(),
  advice: z.string().nullable().describe('what to do next'),
});

const storeRun = z.object({
  store: z.string(),
  copied: amount,
  deleted: amount,
  bytesSent: size,
  copiedWithin: amount.describe('copies made inside the store, without sending bytes'),
  failed: amount,
  pending: amount.describe('copies and deletions still to be made'),
});

const run = z.object({
  id: z.int(),
  source: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
  outcome: z.enum(runOutcomes).nullable().describe('null while it runs, or where the process was killed'),
  seen: amount,
  added: amount,
  changed: amount,
  deleted: amount,
  moved: amount,
  unchanged: amount,
  skipped: amount.describe('links, sockets and devices'),
  failed: amount,
  stores: z.array(storeRun),
  questioned: z
    .object({ changed: amount, gone: amount, of: amount, examples: z.array(z.string()) })
    .nullable()
    .describe('what a run that stopped before a mass change saw'),
  problems: z.array(problem),
});

const source = z.object({
  name: z.string(),
  root: z.string(),
  stores: z.array(z.string()),
  exclude: z.array(z.string()),
  include: z.array(z.string()),
  defaultExclusions: z.boolean(),
  addedAt: instant,
});

const store = z.object({
  name: z.string(),
  spec: z.string(),
  addedAt: instant,
  keyKept: z.boolean(),
  uploadLimit: size.nullable(),
  downloadLimit: size.nullable(),
});

const found = z.object({ source: z.string(), path: z.string(), present: z.boolean() });

export const outputs = {
  protect: z.object({
    source,
    runs: z.array(run),
    problems: z.array(problem).describe('stores that could not be added'),
  }),
  sync: z.object({ runs: z.array(run), problems: z.array(problem).describe('sources that could not be run') }),
  watch: z.object({ runs: z.array(run) }).describe('one such object a line, one line a run that is worth telling'),
  serve: z
    .object({
      address: z.string().describe('opens the window, once'),
      expiresAt: instant,
      alreadyRunning: z.boolean().describe('whether it is of another process that serves this home'),
    })
    .describe('one such object a line, one line an address'),
  'source list': z.object({ sources: z.array(source) }),
  'source add': z.object({ source }),
  'source edit': z.object({ source }),
  'source remove': z.object({ removed: z.string() }),
  'store list': z.object({ stores: z.array(store) }),
  'store add': z.object({ store }),
  'store key': z.object({ store }),
  'store limit': z.object({ store }),
  'store remove': z.object({ removed: z.string() }),
  'store check': z.object({
    store: z.string(),
    passed: z.boolean(),
    steps: z.array(
      z.object({
        name: z.string(),
        passed: z.boolean(),
        code: z.enum(errorCodes).nullable(),
        message: z.string().nullable(),
        advice: z.string().nullable(),
      }),
    ),
  }),
  'store policy': z.object({ store: z.string(), policy: z.unknown().describe('an IAM policy document') }),
  status: z.object({
    safe: z.boolean().describe('every file has every copy, as far as is known'),
    sources: z.array(
      z.object({
        name: z.string(),
        root: z.string(),
        files: amount,
        bytes: size,
        versions: amount,
        safe: z.boolean(),
        suspects: amount.describe('files whose content changed although nothing says so'),
        skipped: amount,
        lastRun: run.nullable().describe('without its problems, which "runs" lists'),
        stores: z.array(
          z.object({
            store: z.string(),
            pending: amount,
            pendingBytes: size,
            stored: amount,
            verified: amount,
            missing: amount,
            corrupt: amount,
            archived: amount,
          }),
        ),
      }),
    ),
  }),
  runs: z.object({ runs: z.array(run) }),
  events: z.object({
    events: z.array(
      z.object({
        id: z.int(),
        at: instant,
        kind: z.enum(eventKinds),
        source: z.string().nullable(),
        store: z.string().nullable(),
        path: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()),
      }),
    ),
  }),
  ls: z.object({
    source: z.string(),
    path: z.string(),
    at: instant,
    folders: z.array(z.object({ name: z.string() })),
    files: z.array(
      z.object({ name: z.string(), version: z.int(), size, mtime: instant, sha256: z.string(), firstSeen: instant }),
    ),
  }),
  versions: z.object({
    source: z.string(),
    path: z.string(),
    versions: z.array(
      z.object({
        number: z.int(),
        deleted: z.boolean(),
        sha256: z.string().nullable(),
        size,
        mtime: instant.nullable(),
        firstSeen: instant,
        supersededAt: instant.nullable(),
        movedFrom: z.string().nullable(),
        copies: z.array(
          z.object({
            store: z.string(),
            state: z.enum(copyStates),
            storedAt: instant.nullable(),
            checkedAt: instant.nullable(),
            checkedHow: z.string().nullable(),
          }),
        ),
      }),
    ),
  }),
  search: z.object({ found: z.array(found), more: z.boolean().describe('whether there are more than were asked for') }),
  restore: z.object({
    target: z.string(),
    restored: amount,
    bytes: size,
    same: amount.describe('files that were there already, byte for byte'),
    kept: z.array(z.string()).describe('not restored, because another file lies there'),
    renamed: z.array(z.object({ path: z.string(), as: z.string(), why: z.string() })),
    failed: z.array(problem),
    notes: z
      .array(z.string())
      .describe('what there was to know beforehand, such as how long a daily allowance makes it take'),
  }),
  verify: z.object({
    audits: z.array(
      z.object({
        source: z.string(),
        store: z.string(),
        checked: amount,
        verified: amount.describe('copies whose checksum was confirmed'),
        bad: z.array(z.object({ path: z.string(), number: z.int(), found: z.enum(['missing', 'corrupt']) })),
        foreign: z.array(z.string()).describe('paths at which the store shows what Strongroom did not put there'),
      }),
    ),
    problems: z.array(problem),
  }),
  rebuild: z.object({
    sources: z.array(
      z.object({
        source: z.string(),
        files: amount,
        versions: amount,
        from: z.enum(['journals', 'listing', 'journals and listing']),
        damagedJournals: z.array(z.string()),
      }),
    ),
  }),
  'catalog check': z.object({
    catalog: z.string(),
    whole: z.boolean(),
    checkpoints: z.array(z.object({ file: z.string(), at: instant, bytes: size })),
  }),
  'catalog restore': z.object({ checkpoint: z.string(), at: instant, aside: z.string().nullable() }),
} as const;

export type OutputName = keyof typeof outputs;
export type Output<Name extends OutputName> = z.infer<(typeof outputs)[Name]>;

export function isOutputName(name: string): name is OutputName {
  return Object.hasOwn(outputs, name);
}
