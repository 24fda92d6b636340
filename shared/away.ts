import type { Attention } from './contract/shapes.ts';

/** So many folders of one place that cannot be reached are told as one thing; fewer are read as quickly one by one. */
const fewestTogether = 3;
const namesTold = 3;

/** Several things of one place. */
export interface Together<Item> {
  /** The server, its share, the drive or the folder that they have in common, as a person writes it. */
  readonly place: string;
  readonly items: readonly Item[];
}

/**
 * Puts together the folders that cannot be reached and have a place in common: a file server that is off can be forty
 * sources that are away, and is one thing to see to. Each group stands where the first of it stood.
 *
 * @param rootOf the folder of an item, as its system writes it; `undefined` for what is something else.
 */
export function together<Item>(
  items: readonly Item[],
  rootOf: (item: Item) => string | undefined,
): (Item | Together<Item>)[] {
  const groups = new Map<string, { readonly item: Item; readonly place: Place }[]>();
  const keys = new Map<Item, string>();
  for (const item of items) {
    const root = rootOf(item);
    const place = root === undefined ? undefined : placeOf(root);
    if (place === undefined) continue;
    keys.set(item, place.key);
    groups.set(place.key, [...(groups.get(place.key) ?? []), { item, place }]);
  }
  return items.flatMap((item): (Item | Together<Item>)[] => {
    const group = groups.get(keys.get(item) ?? '');
    if (group === undefined || group.length < fewestTogether) return [item];
    if (group[0]?.item !== item) return [];
    return [{ place: inCommon(group.map(({ place }) => place)), items: group.map((one) => one.item) }];
  });
}

/** Tells a group from a single item. */
export function isTogether<Item extends object>(entry: Item | Together<Item>): entry is Together<Item> {
  return 'place' in entry;
}

/** `12 folders on \\server\share cannot be reached`. @param number writes a number. */
export function awayTitle({ place, items }: Together<unknown>, number: (value: number) => string): string {
  return `${number(items.length)} folders ${place.startsWith('/') ? 'in' : 'on'} ${place} cannot be reached`;
}

/** What is told of a thing outside the window. */
export type Told = Pick<Attention, 'title' | 'detail' | 'action'>;

/**
 * What needs a person, as it is told where there is no room for a list: tray, notification and e-mail.
 *
 * @param number writes a number.
 */
export function told(attention: readonly Attention[], number: (value: number) => string): Told[] {
  return together(attention, ({ away }) => away?.root).map((entry) => {
    if (!isTogether(entry)) return entry;
    const names = entry.items.slice(0, namesTold).map(({ away }) => `“${away?.source ?? ''}”`);
    const more = entry.items.length - names.length;
    const listed =
      more === 0
        ? `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
        : `${names.join(', ')} and ${number(more)} ${more === 1 ? 'other' : 'others'}`;
    return {
      title: awayTitle(entry, number),
      detail: `They are the folders of ${listed}. See whether the file server or disk is on, and whether this computer is connected to it. Strongroom goes on by itself as soon as they are there; no deletion was recorded.`,
      action: null,
    };
  });
}

/** Where a folder is: what makes it one thing with others, and the steps down to it, from the server or drive on. */
interface Place {
  readonly key: string;
  readonly steps: readonly string[];
  readonly write: (steps: readonly string[]) => string;
}

/** By the spelling alone, which tells the system: what is away answers no question. */
function placeOf(root: string): Place | undefined {
  const [, server, share] = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/.exec(root) ?? [];
  if (server !== undefined && share !== undefined) {
    return { key: `\\\\${server.toLowerCase()}`, steps: [server, share], write: (steps) => `\\\\${steps.join('\\')}` };
  }
  const [, drive] = /^([A-Za-z]:)[\\/]/.exec(root) ?? [];
  if (drive !== undefined)
    return { key: drive.toUpperCase(), steps: [drive.toUpperCase()], write: ([one = '']) => one };
  // The folder itself may be where its share is mounted: what it has in common with others is what it lies in.
  const steps = root.split('/').slice(1, -1);
  const [top] = steps;
  return top === undefined ? undefined : { key: `/${top}`, steps, write: (some) => `/${some.join('/')}` };
}

function inCommon(places: readonly Place[]): string {
  const [first, ...others] = places;
  if (first === undefined) return '';
  const same = (step: string, index: number): boolean =>
    others.every(({ steps }) => steps[index]?.toLowerCase() === step.toLowerCase());
  const differs = first.steps.findIndex((step, index) => !same(step, index));
  return first.write(differs === -1 ? first.steps : first.steps.slice(0, Math.max(1, differs)));
}
