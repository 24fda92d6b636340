import { awayTitle, isTogether, together } from '../../shared/away.ts';
import type { AppState, LiveEvent, RunProgressShape, SourceShape } from '../../shared/contract/shapes.ts';
import type { Instant } from '../../shared/domain.ts';
import type { EngineState } from './engine-process.ts';

/** All that the tray shows, as data. */
export interface TrayState {
  readonly engine: EngineState;
  /** The engine's last word, `undefined` until it has spoken. */
  readonly live: Extract<LiveEvent, { type: 'state' }> | undefined;
  readonly runs: readonly RunProgressShape[];
  readonly sources: readonly SourceShape[];
}

export type TrayAction =
  | { readonly do: 'open'; readonly route: string | undefined }
  | { readonly do: 'sync' }
  | { readonly do: 'pause'; readonly until: Instant | 'forever' }
  | { readonly do: 'resume' }
  | { readonly do: 'quit' };

export type TrayItem =
  | { readonly kind: 'separator' }
  /** Something to read only. */
  | { readonly kind: 'line'; readonly label: string }
  | { readonly kind: 'action'; readonly label: string; readonly enabled: boolean; readonly action: TrayAction }
  | { readonly kind: 'menu'; readonly label: string; readonly items: readonly TrayItem[] };

export interface TrayModel {
  /** Name of the picture: a state, for `working` with how many eighths of the ring are filled. */
  readonly picture: Exclude<AppState, 'working'> | `working-${number}`;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

/** Windows cuts a tooltip off after so many characters: NOTIFYICONDATA's szTip, with its end mark. */
const longestTooltip = 127;
const mostSources = 8;
const longestName = 40;
const hourMs = 3_600_000;

/**
 * The tray's picture, tooltip and menu for a state.
 *
 * @param now for `until tomorrow` and for how times are told.
 * @param locale of the person, as a BCP 47 tag.
 */
export function trayModel(state: TrayState, now: Instant, locale: string): TrayModel {
  const { engine, live, runs } = state;
  const running = engine.kind === 'running' && live !== undefined;
  const sentence = running ? live.sentence : engineSentence(engine);
  return {
    picture: running ? pictureOf(live.state, runs) : pictureOfEngine(engine),
    tooltip: cut(`Strongroom: ${sentence}`, longestTooltip),
    items: [
      { kind: 'line', label: sentence },
      ...(running ? [{ kind: 'line', label: lastRunSentence(state.sources, now, locale) } as const] : []),
      ...(running ? sourceItems(state.sources, locale) : []),
      { kind: 'separator' },
      {
        kind: 'action',
        label: 'Sync now',
        enabled: running && state.sources.length > 0 && live.pausedUntil === null,
        action: { do: 'sync' },
      },
      pauseItem(running ? live.pausedUntil : null, running && state.sources.length > 0, now, locale),
      { kind: 'separator' },
      { kind: 'action', label: 'Restore a file…', enabled: running, action: { do: 'open', route: '/browse' } },
      { kind: 'action', label: 'Open Strongroom', enabled: true, action: { do: 'open', route: undefined } },
      { kind: 'separator' },
      { kind: 'action', label: 'Quit Strongroom', enabled: true, action: { do: 'quit' } },
    ],
  };
}

function engineSentence(engine: EngineState): string {
  switch (engine.kind) {
    case 'starting':
    case 'running':
      return 'Starting…';
    case 'waiting':
      return 'The part that makes the copies stopped; it is being started again.';
    case 'refused':
      return engine.problem.message;
    case 'stopped':
      return 'Finishing what is under way…';
  }
}

function pictureOfEngine(engine: EngineState): TrayModel['picture'] {
  switch (engine.kind) {
    case 'starting':
    case 'running':
    case 'waiting':
    case 'stopped':
      return 'working-0';
    case 'refused':
      return 'needs-you';
  }
}

function pictureOf(state: AppState, runs: readonly RunProgressShape[]): TrayModel['picture'] {
  return state === 'working' ? `working-${eighths(runs)}` : state;
}

/** How much of what is known to be copied has been, 0 to 8. While a source is looked through nobody can tell: 0. */
function eighths(runs: readonly RunProgressShape[]): number {
  let sent = 0;
  let left = 0;
  for (const store of runs.flatMap((run) => run.stores)) {
    sent += store.bytesSent;
    left += store.pendingBytes;
  }
  const scanning = runs.some((run) => run.phase === 'scanning');
  return scanning || sent + left === 0 ? 0 : Math.floor((8 * sent) / (sent + left));
}

function lastRunSentence(sources: readonly SourceShape[], now: Instant, locale: string): string {
  let last: { readonly endedAt: Instant; readonly run: NonNullable<SourceShape['lastRun']> } | undefined;
  for (const { lastRun } of sources) {
    const endedAt = lastRun?.endedAt ?? undefined;
    if (lastRun === null || endedAt === undefined) continue;
    if (last === undefined || endedAt > last.endedAt) last = { endedAt, run: lastRun };
  }
  if (last === undefined) return 'No run yet';
  const { added, changed, deleted } = last.run.numbers;
  const count = new Intl.NumberFormat(locale);
  const parts = [
    ...(added > 0 ? [`${count.format(added)} new`] : []),
    ...(changed > 0 ? [`${count.format(changed)} changed`] : []),
    ...(deleted > 0 ? [`${count.format(deleted)} gone`] : []),
  ];
  return `Last run, ${timeOf(last.endedAt, now, locale)}: ${parts.length === 0 ? 'nothing changed' : parts.join(', ')}`;
}

function sourceItems(sources: readonly SourceShape[], locale: string): TrayItem[] {
  if (sources.length === 0) return [];
  const lines = together(sources, (source) => (isAway(source) && source.root !== '' ? source.root : undefined));
  const shown = lines.slice(0, mostSources);
  const more = lines.slice(mostSources).reduce((sum, line) => sum + (isTogether(line) ? line.items.length : 1), 0);
  const number = new Intl.NumberFormat(locale);
  return [
    { kind: 'separator' },
    ...shown.map((line): TrayItem => {
      if (isTogether(line)) {
        const label = plain(awayTitle(line, (value) => number.format(value)));
        return { kind: 'action', label, enabled: true, action: { do: 'open', route: '/' } };
      }
      return {
        kind: 'action',
        label: `${cut(plain(line.name), longestName)}: ${sourceSentence(line)}`,
        enabled: true,
        action: { do: 'open', route: `/browse?source=${encodeURIComponent(JSON.stringify(line.name))}` },
      };
    }),
    ...(more > 0
      ? [{ kind: 'action', label: `${more} more…`, enabled: true, action: { do: 'open', route: '/sources' } } as const]
      : []),
  ];
}

/** Whether that its folder is away is what is to be said of a source. */
function isAway({ lastRun, pausedUntil, reachable }: SourceShape): boolean {
  return lastRun?.outcome !== 'needs-approval' && pausedUntil === null && !reachable;
}

function sourceSentence(source: SourceShape): string {
  if (source.lastRun?.outcome === 'needs-approval') return 'waits for your answer';
  if (source.pausedUntil !== null) return 'paused';
  if (isAway(source)) return 'the folder cannot be reached';
  if (source.copies.some((copy) => copy.state === 'stopped' || copy.state === 'damaged')) return 'needs you';
  if (source.running) return 'working';
  if (source.lastRun === null) return 'not copied yet';
  const behind = source.copies.filter((copy) => copy.state === 'behind').map((copy) => plain(copy.store));
  return behind.length === 0 ? 'all copies up to date' : `still to be copied to ${behind.join(', ')}`;
}

function pauseItem(pausedUntil: Instant | 'forever' | null, enabled: boolean, now: Instant, locale: string): TrayItem {
  if (pausedUntil !== null) {
    const until = pausedUntil === 'forever' ? '' : ` (paused until ${timeOf(pausedUntil, now, locale)})`;
    return { kind: 'action', label: `Resume${until}`, enabled, action: { do: 'resume' } };
  }
  const choice = (label: string, until: Instant | 'forever'): TrayItem => ({
    kind: 'action',
    label,
    enabled,
    action: { do: 'pause', until },
  });
  return {
    kind: 'menu',
    label: 'Pause',
    items: [
      choice('For 1 hour', now + hourMs),
      choice('Until tomorrow', tomorrow(now)),
      choice('Until I resume', 'forever'),
    ],
  };
}

/** Six in the morning of the next day, local time: before anybody is at work. */
function tomorrow(now: Instant): Instant {
  const day = new Date(now);
  day.setDate(day.getDate() + 1);
  return day.setHours(6, 0, 0, 0);
}

function timeOf(at: Instant, now: Instant, locale: string): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(at);
  return sameDay ? time : new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** A name on one line: line breaks, control and direction characters shown as a replacement character. */
function plain(name: string): string {
  return name.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, '\ufffd');
}

function cut(text: string, longest: number): string {
  // Half of a surrogate pair is no character.
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
