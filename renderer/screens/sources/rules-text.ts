/*
 * Rules of a source as a person reads and writes them. A rule is a pattern of gitignore syntax
 * (https://git-scm.com/docs/gitignore#_pattern_format), matched by the engine's scan/rules.ts.
 */

/** The ways of leaving something out that need no pattern to be known. */
export const ruleKinds = ['ending', 'beginning', 'containing', 'folder', 'named', 'place'] as const;
export type RuleKind = (typeof ruleKinds)[number];

/** A text area with a pattern a line, as a list: without empty lines, comments, surrounding spaces and repetitions. */
export function rulesOfText(text: string): string[] {
  const lines = text
    .split(/\r?\n/)
    .map(withoutOuterSpaces)
    .filter((line) => line !== '' && !line.startsWith('#'));
  return [...new Set(lines)];
}

/** A list of patterns with one a line; `rulesOfText` gives the list again. */
export function textOfRules(rules: readonly string[]): string {
  return rules.join('\n');
}

/** The pattern for what a person describes. @returns `undefined` where the text says nothing. */
export function ruleFor(kind: RuleKind, text: string): string | undefined {
  const said = text.trim();
  const bare = said.replace(/^\/+|\/+$/g, '');
  if (bare === '') return undefined;
  const name = escaped(bare);
  switch (kind) {
    case 'ending':
      return `*${escaped(said)}`;
    case 'beginning':
      return `${atStart(name)}*`;
    case 'containing':
      return `*${name}*`;
    case 'folder':
      return `${atStart(name)}/`;
    case 'named':
      return atStart(name);
    case 'place':
      return `/${name}${said.endsWith('/') ? '/' : ''}`;
  }
}

/** What a pattern leaves out, as the rest of a sentence: `files and folders whose name ends in .bak`. */
export function ruleInWords(pattern: string): string {
  if (pattern.startsWith('!')) return `but not ${ruleInWords(pattern.slice(1))}`;
  const onlyFolders = pattern.endsWith('/');
  const body = onlyFolders ? pattern.slice(0, -1) : pattern;
  const things = onlyFolders ? 'folders' : 'files and folders';
  const place = body.replace(/^\//, '');
  if (place !== body || place.includes('/')) {
    if (hasWildcard(place)) return `${things} that fit ${place}, counted from the top of the source`;
    const what = onlyFolders ? 'the folder' : 'the file or folder';
    return place.includes('/')
      ? `${what} ${unescaped(place)}`
      : `${what} ${unescaped(place)} at the top of the source, and no other of that name`;
  }
  const middle = /^\*(.*)\*$/.exec(place)?.[1];
  if (middle !== undefined && middle !== '' && !hasWildcard(middle)) {
    return `${things} with ${unescaped(middle)} in their name`;
  }
  if (place.startsWith('*') && place.length > 1 && !hasWildcard(place.slice(1))) {
    return `${things} whose name ends in ${unescaped(place.slice(1))}`;
  }
  if (/[^\\]\*$/.test(place) && !hasWildcard(place.slice(0, -1))) {
    return `${things} whose name begins with ${unescaped(place.slice(0, -1))}`;
  }
  if (hasWildcard(place)) return `${things} whose name fits ${place}`;
  return onlyFolders ? `folders named ${unescaped(place)}` : `files and folders named ${unescaped(place)}`;
}

/** Spaces at the end stay where a backslash says that they belong to the name. */
function withoutOuterSpaces(line: string): string {
  const begun = line.trimStart();
  const ended = begun.trimEnd();
  return ended.endsWith('\\') && begun.length > ended.length ? `${ended} ` : ended;
}

function escaped(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

function unescaped(pattern: string): string {
  return pattern.replace(/\\(.)/g, '$1');
}

/** `#` and `!` mean something else at the start of a pattern. */
function atStart(pattern: string): string {
  return /^[#!]/.test(pattern) ? `\\${pattern}` : pattern;
}

function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern.replace(/\\./g, ''));
}
