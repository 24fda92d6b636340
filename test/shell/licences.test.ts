import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { bundleDesktop, nativePackages } from '../../build/desktop/bundle.ts';
import { librariesOf, runningLibraries, together, type Library } from '../../build/licences/libraries.ts';
import { noticesName, noticesText, objections } from '../../build/licences/notices.ts';
import { buildRenderer } from '../../build/renderer/build.ts';
import { servePages } from '../../electron/desktop/pages.ts';

function scratchFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-licences-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const nameOf = ({ name, version }: Library): string => `${name} ${version}`;

test('every library in the window and in the program has its licence in the notices, and each is permissive', async (t) => {
  const renderer = await buildRenderer();
  const notices = readFileSync(join(renderer, noticesName), 'utf8');
  const program = librariesOf(await bundleDesktop(join(scratchFolder(t), 'desktop')));
  const beside = librariesOf(nativePackages.map((name) => join(process.cwd(), 'node_modules', name, 'package.json')));
  assert.ok(program.some(({ name }) => name === '@aws-sdk/client-s3') && program.some(({ name }) => name === 'undici'));
  const window = ['react-dom', '@mantine/core', '@fontsource-variable/source-sans-3', 'pdfjs-dist', 'utif2'];
  for (const name of window) assert.ok(notices.includes(`\n  ${name} `), `${name} is in the window`);

  const libraries = together(program, beside);
  assert.deepEqual(objections(libraries), []);
  for (const library of libraries) {
    assert.ok(notices.includes(`\n  ${nameOf(library)}: ${library.licence}\n`), `${nameOf(library)} is listed`);
    for (const text of library.texts) assert.ok(notices.includes(text), `the licence of ${nameOf(library)}`);
  }
  // Fonts that lie in a package with another licence.
  assert.match(notices, /LIBERATION FONT SOFTWARE/);
  assert.match(notices, /SIL OPEN FONT LICENSE/i);
  assert.ok(!notices.includes(process.cwd()), 'it names no folder of this machine');
});

test('the desktop serves the notices', async () => {
  const folder = await buildRenderer();
  const answer = await servePages({ folder, content: () => undefined })(new Request(`app://strongroom/${noticesName}`));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(await answer.text(), readFileSync(join(folder, noticesName), 'utf8'));
});

test('what may not be given on is told: a licence that is not permissive, and one without its text', (t) => {
  const project = scratchFolder(t);
  const install = (folder: string, description: object, files: Readonly<Record<string, string>> = {}): void => {
    mkdirSync(join(project, folder), { recursive: true });
    writeFileSync(join(project, folder, 'package.json'), JSON.stringify(description));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project, folder, name), text);
  };
  install('.', { name: 'app', version: '1.0.0', dependencies: { free: '1', '@scope/either': '1' } });
  install(
    'node_modules/free',
    {
      name: 'free',
      version: '1.2.3',
      license: 'ISC',
      dependencies: { inner: '1' },
      optionalDependencies: { mac: '1' },
    },
    { LICENCE: 'Take it.\r\nAll of it.', 'license.js': 'no text', 'NOTICE.md': 'With thanks.' },
  );
  install('node_modules/free/node_modules/inner', { name: 'inner', version: '2.0.0', license: 'AGPL-3.0-only' });
  install(
    'node_modules/@scope/either',
    { name: '@scope/either', version: '3.0.0', license: '(GPL-2.0-only OR (MIT AND ISC))' },
    { 'LICENSE-MIT': 'Take it.\nAll of it.' },
  );
  install('node_modules/@scope/either/fonts', { type: 'module' }, { 'LICENSE_FONT.txt': 'The font.' });
  const libraries = runningLibraries(project);
  assert.deepEqual(libraries.map(nameOf), ['@scope/either 3.0.0', 'free 1.2.3', 'inner 2.0.0']);
  assert.deepEqual(objections(libraries), [
    'inner 2.0.0 is under "AGPL-3.0-only", which is not in the list of licences',
    'inner 2.0.0 brings no text of its licence',
  ]);

  // What really lies in a bundle counts with the licences of its folders; what is no library does not count.
  const bundled = librariesOf([
    join(project, 'node_modules/@scope/either/fonts/a.ttf'),
    join(project, 'renderer/main.tsx'),
  ]);
  assert.deepEqual(
    together(libraries, bundled).map(({ texts }) => texts),
    [['Take it.\nAll of it.', 'The font.'], ['Take it.\nAll of it.', 'With thanks.'], []],
  );
  const text = noticesText(together(libraries, bundled));
  assert.equal(text.split('All of it.').length, 2, 'a text that several share is there once');
  assert.match(text, /\n@scope\/either 3\.0\.0\nfree 1\.2\.3\n-+\n\nTake it\./);

  install('.', { name: 'app', version: '1.0.0', dependencies: { missing: '1' } });
  assert.throws(() => runningLibraries(project), /missing, which .* needs, is not installed/);
});
