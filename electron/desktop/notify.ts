import { told } from '../../shared/away.ts';
import type { Attention, AttentionAction } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { Memory } from './memory.ts';
import type { Notice, System } from './system.ts';

export interface NotifierOptions {
  readonly createNotice: System['createNotice'];
  readonly clock: Clock;
  readonly memory: Memory;
  readonly icon: string;
  /** Opens the window at a route. */
  readonly open: (route: string) => void;
  /** Whether the person has the window before them, and so sees for themselves. */
  readonly isLookedAt: () => boolean;
}

/**
 * A thing that was settled for so long is a new thing when it comes again under the same id; one that comes and goes,
 * such as a share with a bad cable, is told of once.
 */
const forgetAfterMs = 24 * 3_600_000;
const mostTitles = 3;

/** Tells a person, outside the window, of what only a person can settle: all that is new in one notice, nothing twice. */
export class Notifier {
  /** By the settings; nothing is told while it is off, nor before the settings are known. */
  enabled = false;
  readonly #options: NotifierOptions;
  /** Held until they are gone: the system forgets the click of a notice that nobody holds. */
  readonly #notices = new Set<Notice>();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** @param attention all that needs a person now. */
  tell(attention: readonly Attention[]): void {
    if (!this.enabled) return;
    const { clock, memory, isLookedAt } = this.#options;
    const now = clock.now();
    const before = new Map(
      Object.entries(memory.value.notified).filter(([, settled]) => settled === null || now - settled < forgetAfterMs),
    );
    const fresh = attention.filter(({ id }) => !before.has(id));
    const after = new Map<string, Instant | null>([...before].map(([id, settled]) => [id, settled ?? now]));
    for (const { id } of attention) after.set(id, null);
    const settledOrReturned = [...after].some(([id, settled]) => (settled === null) !== (before.get(id) === null));
    if (settledOrReturned) memory.keep({ notified: Object.fromEntries(after) });
    const things = told(fresh, String);
    const [first] = things;
    if (first === undefined) return;
    if (isLookedAt()) return;
    if (things.length === 1) this.show(first.title, first.detail, routeOf(first.action));
    else {
      const titles = things.slice(0, mostTitles).map(({ title }) => title);
      const rest = things.length - titles.length;
      const body = [...titles, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
      this.show(`${things.length} things need you`, body, '/');
    }
  }

  /** Shows one notice; a press on it opens the window at the route. */
  show(title: string, body: string, route: string): void {
    const { createNotice, icon, open } = this.#options;
    const notice = createNotice({ title, body, icon });
    this.#notices.add(notice);
    notice.on('click', () => {
      this.#notices.delete(notice);
      open(route);
    });
    notice.on('close', () => this.#notices.delete(notice));
    notice.show();
  }
}

/** Where in the window a thing is settled. Search parameters are JSON, as the window's router reads them. */
function routeOf(action: AttentionAction | null): string {
  if (action === null) return '/';
  const json = (value: string): string => encodeURIComponent(JSON.stringify(value));
  switch (action.do) {
    case 'sign-in':
    case 'give-key':
    case 'check-store':
      return `/stores?store=${json(action.store)}`;
    case 'move-source':
      return `/sources?edit=${json(action.source)}`;
    case 'see-run':
      return `/activity?run=${action.run}`;
    case 'see-file':
      return `/browse?source=${json(action.source)}&file=${json(action.path)}`;
    case 'add-source':
      return '/sources?add=true';
    case 'add-store':
      return '/stores';
    // The rest is settled on the first screen, which has each thing with its one action.
    default:
      return '/';
  }
}
