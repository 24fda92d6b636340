import { roleOf } from './access.ts';
import { invalidValue } from './errors.ts';
import { isAtLeast, type Caller, type Item } from './model.ts';
import type { Store } from './store.ts';

/** Whether an item is in the answer. */
type Test = (item: Item) => boolean;

/** A query that was understood: the test, and the folder it is confined to where it is a plain conjunction with one. */
interface Query {
  readonly test: Test;
  readonly parent: string | undefined;
}

interface Term {
  readonly test: Test;
  /** The parent ids of which the item must have one; `undefined` when the term says nothing of that. */
  readonly parent: string | undefined;
}

type Token = { readonly kind: 'word' | 'text' | 'sign'; readonly text: string };

/**
 * Reads a `q` (https://developers.google.com/workspace/drive/api/guides/ref-search-terms); throws 400 `invalid` at `q`.
 * `and` and `or` bind alike and from the left, as
 * https://developers.google.com/workspace/drive/api/guides/search-files says; `name =` does not tell case apart, which
 * Google does not say but its service does.
 */
export function parseQuery(text: string, store: Store, caller: Caller): Query {
  const tokens = tokenize(text);
  let at = 0;
  const wrong = (): Error => invalidValue('q');

  function next(kind: Token['kind'], ...among: string[]): string {
    const token = tokens[at];
    if (token?.kind !== kind || (among.length > 0 && !among.includes(token.text))) throw wrong();
    at += 1;
    return token.text;
  }

  function isNext(kind: Token['kind'], text: string): boolean {
    return tokens[at]?.kind === kind && tokens[at]?.text === text;
  }

  function expression(): Term {
    let left = unary();
    while (isNext('word', 'and') || isNext('word', 'or')) {
      const word = next('word');
      const before = left;
      const right = unary();
      left =
        word === 'and'
          ? { test: (item) => before.test(item) && right.test(item), parent: before.parent ?? right.parent }
          : { test: (item) => before.test(item) || right.test(item), parent: undefined };
    }
    return left;
  }

  function unary(): Term {
    if (isNext('word', 'not')) {
      at += 1;
      const inner = unary();
      return { test: (item) => !inner.test(item), parent: undefined };
    }
    if (isNext('sign', '(')) {
      at += 1;
      const inner = expression();
      next('sign', ')');
      return inner;
    }
    return tokens[at]?.kind === 'text' ? membership() : comparison();
  }

  function membership(): Term {
    const value = next('text');
    next('word', 'in');
    const collection = next('word', 'parents', 'owners', 'writers', 'readers');
    if (collection === 'parents') {
      const parent = value === 'root' ? (store.accounts.get(caller.email)?.rootId ?? value) : value;
      return { test: (item) => item.parent === parent, parent };
    }
    const least = { owners: 'owner', writers: 'writer', readers: 'reader' } as const;
    const email = value === 'me' ? caller.email : value;
    const role = least[collection as keyof typeof least];
    return { test: (item) => isAtLeast(roleOf(store, item, email), role), parent: undefined };
  }

  function comparison(): Term {
    const field = next('word');
    return { test: testOf(field), parent: undefined };
  }

  function testOf(field: string): Test {
    switch (field) {
      case 'name': {
        const sign = operator('=', '!=', 'contains');
        const value = next('text');
        if (sign === 'contains') return (item) => startsAWord(item.name, value);
        const lower = value.toLowerCase();
        return (item) => (item.name.toLowerCase() === lower) === (sign === '=');
      }
      case 'fullText': {
        operator('contains');
        const value = next('text');
        return (item) => startsAWord(`${item.name} ${item.description ?? ''} ${item.nativeText ?? ''}`, value);
      }
      case 'mimeType': {
        const sign = operator('=', '!=', 'contains');
        const value = next('text');
        if (sign === 'contains') return (item) => item.mimeType.startsWith(value);
        return (item) => (item.mimeType === value) === (sign === '=');
      }
      case 'modifiedTime':
      case 'createdTime':
        return timeTest(field);
      case 'trashed':
        return flagTest((item) => store.isTrashed(item));
      case 'starred':
        return flagTest((item) => item.starred);
      case 'sharedWithMe':
        return isNext('sign', '=') || isNext('sign', '!=')
          ? flagTest((item) => item.owner !== caller.email && item.grants.has(caller.email))
          : (item) => item.owner !== caller.email && item.grants.has(caller.email);
      case 'properties':
        return propertyTest((item) => item.properties);
      case 'appProperties':
        return propertyTest((item) => item.appProperties.get(caller.clientId));
      case 'shortcutDetails.targetId': {
        const sign = operator('=', '!=');
        const value = next('text');
        return (item) => (item.shortcutTarget?.targetId === value) === (sign === '=');
      }
      default:
        throw wrong();
    }
  }

  function operator(...allowed: string[]): string {
    const token = tokens[at];
    if (token === undefined || token.kind === 'text' || !allowed.includes(token.text)) throw wrong();
    at += 1;
    return token.text;
  }

  function timeTest(field: 'modifiedTime' | 'createdTime'): Test {
    const sign = operator('<=', '<', '=', '!=', '>', '>=');
    const written = next('text');
    const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(written) ? written : `${written}${written.includes('T') ? 'Z' : ''}`;
    const value = Date.parse(zoned);
    if (Number.isNaN(value)) throw wrong();
    return (item) => compare(item[field], sign, value);
  }

  function flagTest(of: Test): Test {
    const sign = operator('=', '!=');
    const wanted = (next('word', 'true', 'false') === 'true') === (sign === '=');
    return (item) => of(item) === wanted;
  }

  function propertyTest(of: (item: Item) => Record<string, string> | undefined): Test {
    operator('has');
    next('sign', '{');
    next('word', 'key');
    next('sign', '=');
    const key = next('text');
    next('word', 'and');
    next('word', 'value');
    next('sign', '=');
    const value = next('text');
    next('sign', '}');
    return (item) => of(item)?.[key] === value;
  }

  const whole = expression();
  if (at !== tokens.length) throw wrong();
  return whole;
}

function compare(left: number, sign: string, right: number): boolean {
  switch (sign) {
    case '<=':
      return left <= right;
    case '<':
      return left < right;
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

/** "The contains operator only performs prefix matching for a name term": of the words in it, whatever their case. */
function startsAWord(text: string, sought: string): boolean {
  const lower = text.toLowerCase();
  const wanted = sought.toLowerCase();
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(lower.charAt(at - 1))) return true;
  }
  return false;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:'((?:[^'\\]|\\.)*)'|([A-Za-z][A-Za-z.]*)|(<=|>=|!=|[<>=(){}]))/sy;
  let end = 0;
  while (text.slice(end).trim() !== '') {
    pattern.lastIndex = end;
    const match = pattern.exec(text);
    if (match === null) throw invalidValue('q');
    const [, quoted, word, sign] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/\\(.)/gs, '$1') });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    end = pattern.lastIndex;
  }
  if (tokens.length === 0) throw invalidValue('q');
  return tokens;
}
