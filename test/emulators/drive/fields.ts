import type { Discovery, Schema } from './discovery.ts';
import { invalidParameter } from './errors.ts';

/** What of a resource is asked for. `names` maps a field to what is asked for inside it. */
export interface Selection {
  readonly everything: boolean;
  readonly names: ReadonlyMap<string, Selection>;
}

/** All of a resource. */
export const EVERYTHING: Selection = { everything: true, names: new Map() };

interface Draft {
  everything: boolean;
  names: Map<string, Draft>;
}

function invalidSelection(text: string): Error {
  return invalidParameter('fields', `Invalid field selection ${text}`);
}

/**
 * Reads a `fields` expression: `a,b/c,d(e,f/g),*`
 * (https://developers.google.com/workspace/drive/api/guides/fields-parameter). Throws 400 `invalidParameter`.
 */
export function parseFields(text: string): Selection {
  const tokens = text.match(/[(),/]|[^(),/\s]+/g) ?? [];
  let at = 0;

  function list(into: Draft[], closing: string | undefined): void {
    for (;;) {
      path(into);
      const separator = tokens[at];
      at += 1;
      if (separator === closing) return;
      if (separator !== ',') throw invalidSelection(text);
    }
  }

  function path(into: Draft[]): void {
    let targets = into;
    for (;;) {
      const name = tokens[at];
      if (name === undefined || /^[(),/]$/.test(name)) throw invalidSelection(text);
      at += 1;
      targets = targets.map((target) => child(target, name));
      if (tokens[at] === '/') {
        at += 1;
        continue;
      }
      if (tokens[at] === '(') {
        at += 1;
        list(targets, ')');
      } else {
        for (const target of targets) target.everything = true;
      }
      return;
    }
  }

  const root: Draft = { everything: false, names: new Map() };
  list([root], undefined);
  return root;
}

function child(parent: Draft, name: string): Draft {
  if (name === '*') {
    // `*` then a path (`*/id`) is not in Google's documentation; alone it means all.
    return parent;
  }
  let found = parent.names.get(name);
  if (found === undefined) parent.names.set(name, (found = { everything: false, names: new Map() }));
  return found;
}

/** Throws 400 when the selection names a field that the schema lacks. */
export function checkFields(selection: Selection, schema: Schema | undefined, discovery: Discovery): void {
  for (const [name, inner] of selection.names) {
    const resolved = discovery.resolve(schema);
    const property = resolved?.properties?.[name] ?? resolved?.additionalProperties;
    if (property === undefined) throw invalidSelection(name);
    checkFields(inner, property.items ?? property, discovery);
  }
}

/** The part of the selection that lies inside a field; `undefined` when the field is not asked for. */
export function inside(selection: Selection, name: string): Selection | undefined {
  return selection.everything ? EVERYTHING : selection.names.get(name);
}

/** What is left of a value when only the selection is kept; arrays are gone through element by element. */
export function pick(value: unknown, selection: Selection): unknown {
  if (selection.everything || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => pick(one, selection));
  const picked: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const asked = selection.names.get(name);
    if (asked !== undefined && inner !== undefined) picked[name] = pick(inner, asked);
  }
  return picked;
}
