import type { Clock, Instant, RunOutcome } from '../../../shared/domain.ts';
import { StrongroomError, type ErrorCode } from '../../../shared/errors.ts';
import type { Connection } from './database.ts';

/** What a run did, in numbers. Bytes are of file content. */
export interface RunSummary {
  /** Files met by the walk. */
  readonly seen: number;
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
  readonly moved: number;
  readonly unchanged: number;
  readonly skipped: number;
  /** Files and folders that could not be read or recorded. */
  readonly failed: number;
  readonly stores: readonly StoreSummary[];
  /** What a run that stopped before a mass change saw. */
  readonly questioned?: {
    readonly changed: number;
    readonly gone: number;
    readonly of: number;
    readonly examples: readonly string[];
    /** By folder, those with most first; absent in what earlier versions wrote. */
    readonly folders?: readonly { readonly folder: string; readonly changed: number; readonly gone: number }[];
  };
}

export interface StoreSummary {
  readonly store: string;
  readonly copied: number;
  readonly deleted: number;
  /** Bytes that left this workstation. */
  readonly bytesSent: number;
  /** Copies made inside the store, without sending bytes. */
  readonly copiedWithin: number;
  readonly failed: number;
  readonly pending: number;
}

export interface RunRecord {
  readonly id: number;
  readonly source: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  /** `null` while it runs, or where the process was killed. */
  readonly outcome: RunOutcome | null;
  readonly summary: Partial<RunSummary>;
}

export interface Problem {
  readonly code: ErrorCode;
  readonly subject: string | null;
  readonly message: string;
  readonly advice: string | null;
}

/** Runs and what they could not do. */
export class Runs {
  readonly #connection: Connection;
  readonly #clock: Clock;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  begin(sourceId: number): number {
    return this.#connection.run('INSERT INTO runs (source_id, started_at) VALUES (?, ?)', sourceId, this.#clock.now())
      .id;
  }

  end(id: number, outcome: RunOutcome, summary: RunSummary): void {
    this.#connection.run(
      'UPDATE runs SET ended_at = ?, outcome = ?, summary = ? WHERE id = ?',
      this.#clock.now(),
      outcome,
      JSON.stringify(summary),
      id,
    );
  }

  /** Whether the source's last run was killed before it could end. */
  lastWasKilled(sourceId: number): boolean {
    const last = this.#connection.get<{ outcome: string | null }>(
      'SELECT outcome FROM runs WHERE source_id = ? ORDER BY id DESC LIMIT 1',
      sourceId,
    );
    return last !== undefined && last.outcome === null;
  }

  /** When the source's last run ended that saw everything and recorded what it saw. */
  lastConcluded(sourceId: number): Instant | undefined {
    return this.#connection.get<{ endedAt: number }>(
      `SELECT ended_at AS endedAt FROM runs WHERE source_id = ? AND outcome IN ('done', 'incomplete') ORDER BY id DESC LIMIT 1`,
      sourceId,
    )?.endedAt;
  }

  addProblem(runId: number, error: StrongroomError): void {
    this.#connection.run(
      'INSERT INTO problems (run_id, code, subject, message, advice) VALUES (?, ?, ?, ?, ?)',
      runId,
      error.code,
      error.subject ?? null,
      error.message,
      error.advice ?? null,
    );
  }

  problems(runId: number, limit = 10_000, offset = 0): Problem[] {
    return this.#connection.all(
      'SELECT code, subject, message, advice FROM problems WHERE run_id = ? ORDER BY id LIMIT ? OFFSET ?',
      runId,
      limit,
      offset,
    );
  }

  countProblems(runId: number): number {
    const sql = 'SELECT count(*) AS count FROM problems WHERE run_id = ?';
    return this.#connection.get<{ count: number }>(sql, runId)?.count ?? 0;
  }

  /** How often each code was met in a run. */
  problemCodes(runId: number): { readonly code: ErrorCode; readonly count: number }[] {
    return this.#connection.all(
      'SELECT code, count(*) AS count FROM problems WHERE run_id = ? GROUP BY code ORDER BY code',
      runId,
    );
  }

  /** What a run met with certain codes, the first of them. */
  problemsWith(runId: number, codes: readonly ErrorCode[], limit: number): Problem[] {
    return this.#connection.all(
      `SELECT code, subject, message, advice FROM problems WHERE run_id = ? AND code IN (SELECT value FROM json_each(?))
       ORDER BY id LIMIT ?`,
      runId,
      JSON.stringify(codes),
      limit,
    );
  }

  /** Why a run could not work with a store, if so. */
  storeProblem(runId: number, store: string): Problem | undefined {
    return this.#connection.get<Problem>(
      `SELECT code, subject, message, advice FROM problems WHERE run_id = ? AND subject = ?
       AND (code LIKE 'store-%' OR code LIKE 'secret-%') ORDER BY id LIMIT 1`,
      runId,
      store,
    );
  }

  /**
   * Why a store as a whole could not be worked with, as the last run of any of its sources says that says how things stand,
   * the newest first; `undefined` where a journal was published there since, as every run does that copied something. What
   * concerns one source's part of the store alone (another workstation has its lease) is left out.
   */
  storeProblemOfAny(storeId: number, store: string): Problem | undefined {
    return this.#connection.get<Problem>(
      `SELECT p.code, p.subject, p.message, p.advice
       FROM source_stores x JOIN sources s ON s.id = x.source_id AND s.removed_at IS NULL
       JOIN runs r ON r.id = (SELECT id FROM runs WHERE source_id = s.id AND outcome IS NOT NULL AND outcome <> 'cancelled'
                              ORDER BY id DESC LIMIT 1)
       JOIN problems p ON p.run_id = r.id AND p.subject = ?
         AND (p.code LIKE 'store-%' OR p.code LIKE 'secret-%') AND p.code NOT IN ('store-leased', 'store-answer')
       WHERE x.store_id = ?
         AND NOT EXISTS (SELECT 1 FROM source_stores y WHERE y.store_id = x.store_id AND y.journal_at > r.ended_at)
       ORDER BY r.id DESC, p.id LIMIT 1`,
      store,
      storeId,
    );
  }

  /** The source's last run that says how things stand: one that was cancelled or killed, or still goes on, does not. */
  lastTelling(sourceId: number): RunRecord | undefined {
    const row = this.#connection.get<{ id: number }>(
      `SELECT id FROM runs WHERE source_id = ? AND outcome IS NOT NULL AND outcome <> 'cancelled' ORDER BY id DESC LIMIT 1`,
      sourceId,
    );
    return row === undefined ? undefined : this.get(row.id);
  }

  /**
   * The run that stopped before a mass change and still waits for an answer: the source's last run that saw everything,
   * if it asked. One that could not see everything, because the source was away or the run was ended, answers nothing.
   */
  unanswered(sourceId: number): RunRecord | undefined {
    const row = this.#connection.get<{ id: number; asks: number }>(
      `SELECT id, json_extract(summary, '$.questioned') IS NOT NULL AS asks FROM runs
       WHERE source_id = ? AND (outcome IN ('done', 'incomplete') OR json_extract(summary, '$.questioned') IS NOT NULL)
       ORDER BY id DESC LIMIT 1`,
      sourceId,
    );
    return row?.asks === 1 ? this.get(row.id) : undefined;
  }

  /** Error: `unknown-name`. */
  get(id: number): RunRecord {
    const row = this.#connection.get<Omit<RunRecord, 'summary'> & { summary: string }>(
      `SELECT r.id, s.name AS source, r.started_at AS startedAt, r.ended_at AS endedAt, r.outcome, r.summary
       FROM runs r JOIN sources s ON s.id = r.source_id WHERE r.id = ?`,
      id,
    );
    if (row === undefined) throw new StrongroomError('unknown-name', `There is no run ${id}.`);
    return { ...row, summary: JSON.parse(row.summary) as Partial<RunSummary> };
  }

  /** The newest runs first, of one source or of all. @param before only runs older than this one. */
  latest(limit: number, sourceId?: number, before?: number): RunRecord[] {
    return this.#connection
      .all<Omit<RunRecord, 'summary'> & { summary: string }>(
        `SELECT r.id, s.name AS source, r.started_at AS startedAt, r.ended_at AS endedAt, r.outcome, r.summary
         FROM runs r JOIN sources s ON s.id = r.source_id WHERE (? IS NULL OR r.source_id = ?) AND r.id < ? ORDER BY r.id DESC LIMIT ?`,
        sourceId ?? null,
        sourceId ?? null,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .map((row) => ({ ...row, summary: JSON.parse(row.summary) as Partial<RunSummary> }));
  }
}
