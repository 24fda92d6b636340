import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { buildRenderer } from '../../build/renderer/build.ts';
import { BuiltFiles } from '../../electron/hosts/web/files.ts';

const root = path.join(import.meta.dirname, '../..');

function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

test('the window is built once for the same sources, into files that any door can serve', async () => {
  const folder = await buildRenderer();
  assert.equal(await buildRenderer(() => assert.fail('nothing has changed')), folder);
  const names = filesBelow(folder);
  const text = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');

  const page = text('index.html');
  // Relative, because the desktop's address is another one than the web host's.
  for (const [, address = ''] of page.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(address, /^\.\/assets\//);
  assert.ok(names.filter((name) => name.endsWith('.js')).length > 5, 'screens are files of their own');
  for (const name of names.filter((each) => !/^index\.html$|^\.built-from$|^third-party-notices\.txt/.test(each))) {
    // A digest in the name: it may be kept by browsers for good.
    assert.match(name.replaceAll('\\', '/'), /^assets\/.+-[\w-]{8}\.\w+(\.br|\.gz)?$/);
  }
  for (const name of names.filter((each) => /\.(js|css|html)$/.test(each))) {
    const content = text(name);
    assert.doesNotMatch(content, /sourceMappingURL=/, name);
    assert.ok(!content.includes(root), `${name} names a folder of this machine`);
  }
  const compressed = names.filter((name) => /\.(br|gz)$/.test(name));
  assert.ok(compressed.length > 10);
  for (const name of compressed) {
    const packed = fs.readFileSync(path.join(folder, name));
    const whole = fs.readFileSync(path.join(folder, name.slice(0, -3)));
    assert.ok(packed.length < whole.length, name);
    assert.deepEqual(name.endsWith('.br') ? brotliDecompressSync(packed) : gunzipSync(packed), whole, name);
  }
  assert.ok(BuiltFiles.read(folder).page().body.includes('<div id="root">'));
});
