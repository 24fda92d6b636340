import type { Library } from './libraries.ts';

/** Where the notices lie beside the window's page; both doors serve them there. */
export const noticesName = 'third-party-notices.txt';

/** Licences that ask for no more than that their text goes along: https://spdx.org/licenses/ */
const permissive: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  // Of fonts, which are given on as they are.
  'OFL-1.1',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/**
 * What keeps a library from being given on: a sentence for each that names no permissive licence, or brings no text of
 * it. What counts is what a package says of itself: the texts of its parts, which may be under others, are only given on.
 * With `OR`, one licence is enough; with `AND`, all count.
 */
export function objections(libraries: readonly Library[]): string[] {
  return libraries.flatMap(({ name, version, licence, texts }) => [
    ...(isPermissive(licence)
      ? []
      : [`${name} ${version} is under "${licence}", which is not in the list of licences`]),
    ...(texts.length > 0 ? [] : [`${name} ${version} brings no text of its licence`]),
  ]);
}

function isPermissive(expression: string): boolean {
  const plain = expression.replace(/[()]/g, ' ');
  return plain.split(/ OR /).some((choice) => choice.split(/ AND /).every((licence) => permissive.has(licence.trim())));
}

const line = '-'.repeat(80);

/** The notices as one text: first the list of libraries, then every licence once, with the libraries that it is of. */
export function noticesText(libraries: readonly Library[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, texts } of libraries) {
    for (const text of texts) byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
  return [
    'Libraries and their licences',
    '',
    'Strongroom stands on the work of others. These libraries go along with it, in its window or in the program behind',
    'the window. The list says under which licence each one is; the texts of the licences follow. Electron, Chromium and',
    "Node.js, which the desktop app runs on, bring theirs in files beside the program. Strongroom's own is in LICENSE.",
    '',
    ...libraries.map(({ name, version, licence }) => `  ${name} ${version}: ${licence}`),
    ...[...byText].flatMap(([text, names]) => ['', line, ...names, line, '', text]),
    '',
  ].join('\n');
}
