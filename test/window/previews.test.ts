import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test, type TestContext } from 'node:test';
import type { Locator } from 'playwright';
import { jpegOf } from '../../electron/service/browse/sample/jpeg.ts';
import type { Desk } from '../cli/kit.ts';
import { allCopied, Visitor } from './kit.ts';
import { pdfOf, tiffOf, turned, utf16, toneOf, writeLargeTiff } from './materials.ts';
import { seek } from './playing.ts';

/** 320 by 200, its left half dark: turned by a quarter it is 200 by 320. */
const landscape = jpegOf({
  ...{ width: 320, height: 200 },
  pixels: Uint8Array.from({ length: 320 * 200 }, (_, at) => (at % 320 < 160 ? 20 : 230)),
});

const script = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>';

/** What a preview shows of a file, or says of it. */
const told: Readonly<Record<string, string | RegExp>> = {
  'binary.txt': 'This is no text',
  'book.pdf': 'Page 1 of 5,000',
  'broken.jpg': 'This version cannot be shown here',
  'broken.pdf': 'This version cannot be shown here',
  'broken.tif': 'This version cannot be shown here',
  'columns.csv': 'Briefe; gesammelt',
  'empty.csv': 'An empty table',
  'ends early.csv': 'A quotation mark in it is never closed: shown with the marks as they are',
  'latin.txt': 'Grüße, naïve façade',
  'locked.pdf': 'Locked with a password',
  'master 210 MB.tif': '10,000 × 7,000 pixels',
  'master 600 MB.tif': /This picture has 600 MB; .* Press Open to see it with another program, or restore it\./,
  'million.csv': 'The first 1,000 rows',
  'one line.txt': 'The first 262 kB of 50 MB',
  'page.html': '<script>alert(3)</script><img src=x onerror=alert(4)>',
  'pages.tif': 'Page 1 of 3',
  'script.svg': script,
  'svg inside.png': 'This version cannot be shown here',
  'turned.jpg': '200 × 320 pixels',
  'unknown.xyz': 'No preview for this kind of file',
  'windows.csv': 'Read as UTF-16',
  'windows.txt': 'Grüße aus dem Archiv',
};

function writeAll(desk: Desk): void {
  const write = (name: string, content: string | Uint8Array) => desk.write(`share/${name}`, content);
  const rows = Array.from({ length: 1_000_000 }, (_, at) => `${at + 1},Letter ${at + 1},${1800 + (at % 200)}\n`);
  write('binary.txt', Buffer.from(Array.from({ length: 4_000 }, (_, at) => (at * 37) % 256)));
  write('book.pdf', pdfOf(5_000));
  write('broken.jpg', 'not a picture');
  write('broken.pdf', pdfOf(3).subarray(0, 300));
  write('broken.tif', 'II*\u0000 and then nothing');
  write('columns.csv', 'Signatur;Titel;Jahr\nA 1;"Briefe; gesammelt";1903\nB 2;Noten;1910\n');
  write('empty.csv', '');
  write('ends early.csv', 'number,title\n1,"never closed\n2,two\n3,three\n');
  write('latin.txt', Buffer.from('Grüße, naïve façade\n', 'latin1'));
  write('locked.pdf', pdfOf(1, { locked: true }));
  write('million.csv', `number,title,year\n${rows.join('')}`);
  write('one line.txt', 'x'.repeat(50_000_000));
  write('page.html', '<script>alert(3)</script><img src=x onerror=alert(4)>');
  const colours = [
    [200, 30, 30],
    [30, 200, 30],
    [30, 30, 200],
  ] as const;
  write('pages.tif', tiffOf(colours.map((colour, at) => ({ width: 400 + at * 100, height: 300, colour }))));
  write('script.svg', script);
  write('svg inside.png', script);
  write('turned.jpg', turned(Buffer.from(landscape)));
  write('unknown.xyz', 'whatever');
  write('windows.csv', utf16('Signatur\tTitel\nA 1\tGrüße\n'));
  write('windows.txt', utf16('Grüße aus dem Archiv, 1903\n').subarray(2));
  write('long tape.wav', toneOf(600));
  writeLargeTiff(desk.at('share/master 210 MB.tif'), 10_000, 7_000);
  writeLargeTiff(desk.at('share/master 600 MB.tif'), 20_000, 10_000);
}

/** Opens a file's panel by its name. @returns the panel. */
async function show(visitor: Visitor, name: string): Promise<Locator> {
  await visitor.find(name, new RegExp(`^${name.replaceAll('.', '\\.')}`));
  await visitor.panel.getByRole('heading', { level: 2, name, exact: true }).waitFor();
  return visitor.panel;
}

/** @returns the ranges of contents that are answered from now on, as HTTP writes them. */
function listenForRanges(visitor: Visitor): string[] {
  const ranges: string[] = [];
  visitor.page.on('response', (response) => {
    const range = response.headers()['content-range'];
    if (response.url().includes('/content/') && range !== undefined) ranges.push(range);
  });
  return ranges;
}

/** A film of three seconds that the browser itself records from a canvas. */
async function filmed(visitor: Visitor): Promise<Buffer> {
  const text = await visitor.page.evaluate<string>(`new Promise((resolve) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 240];
    const pen = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onstop = async () => {
      const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
      resolve(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
    };
    recorder.start();
    const begun = performance.now();
    const draw = () => {
      const past = performance.now() - begun;
      pen.fillStyle = 'hsl(' + past / 10 + ' 70% 50%)';
      pen.fillRect(0, 0, 320, 240);
      if (past < 2_000) requestAnimationFrame(draw);
      else recorder.stop();
    };
    draw();
  })`);
  return Buffer.from(text, 'base64');
}

async function protectShare(desk: Desk, ...stores: string[]): Promise<void> {
  const to = stores.flatMap((name) => ['--to', desk.disk(name)]);
  await desk.text(['protect', desk.at('share'), '--name', 'Scans', ...to]);
}

async function arrive(t: TestContext, before: (desk: Desk) => Promise<void>): Promise<Visitor> {
  const visitor = await Visitor.arrive(t, { before });
  await visitor.heading(allCopied).waitFor();
  return visitor;
}

test('what a file looks like: every kind, enormous ones, and ones that are not what their names promise', async (t) => {
  const visitor = await arrive(t, async (desk) => {
    writeAll(desk);
    await protectShare(desk, 'disk');
  });
  const { desk } = visitor;
  const showAll = async (from: string): Promise<void> => {
    for (const [name, words] of Object.entries(told)) {
      const panel = await show(visitor, name);
      await panel.getByText(words).first().waitFor();
      await panel.getByText(from).waitFor();
    }
  };
  await visitor.chapter(t, 'from the file server', async () => {
    await visitor.go('Browse');
    await showAll('Shown from the original');
  });
  await visitor.chapter(t, 'pages are turned', async () => {
    const tiff = await show(visitor, 'pages.tif');
    await tiff.getByText('400 × 300 pixels').waitFor();
    await tiff.getByRole('button', { name: 'Next page' }).click();
    await tiff.getByText('500 × 300 pixels').waitFor();
    const ranges = listenForRanges(visitor);
    const book = await show(visitor, 'book.pdf');
    await book.getByText('This is page 1.').waitFor();
    await book.getByRole('button', { name: 'Next page' }).click();
    await book.getByText('This is page 2.').waitFor();
    assert.ok(ranges.length > 1, 'of a long document, parts are fetched');
    await visitor.assertAccessible('A page of a PDF');
    await visitor.picture('preview-pdf');
  });
  await visitor.chapter(t, 'a picture in its own size', async () => {
    const panel = await show(visitor, 'turned.jpg');
    await panel.getByRole('button', { name: 'Actual size' }).click();
    const shown = await panel.getByRole('img', { name: /^Preview of/ }).boundingBox();
    assert.deepEqual([shown?.width, shown?.height], [200, 320]);
    await visitor.assertAccessible('A picture in its own size');
    await panel.getByRole('button', { name: 'Whole picture' }).click();
  });
  await visitor.chapter(t, 'a film', async () => {
    desk.write('share/film.webm', await filmed(visitor));
    // By itself, a change waits twice as long as the last run took, and that one had a gigabyte to copy.
    await visitor.find('Sync now', 'Sync now, all sources');
    // Rows that are out of sight are not there.
    await visitor.page.getByRole('grid').press('Home');
    await visitor.row(/^film\.webm .*all made/).waitFor();
    const panel = await show(visitor, 'film.webm');
    assert.ok((await seek(panel, 'video', 1)) >= 0.9);
    // What happens to other files is no reason to begin anew.
    desk.write('share/film notes.txt', 'of the film');
    await visitor.find('Sync now', 'Sync now, all sources');
    await visitor.row(/^film notes\.txt .*all made/).waitFor();
    assert.ok((await visitor.page.evaluate<number>('document.querySelector("video").currentTime')) >= 0.9);
    await visitor.assertAccessible('A film');
    await visitor.picture('preview-film');
  });
  await visitor.chapter(t, 'the share is gone, films and sounds play from the copy, anywhere in them', async () => {
    fs.renameSync(desk.at('share'), desk.at('share-away'));
    const ranges = listenForRanges(visitor);
    const panel = await show(visitor, 'long tape.wav');
    await panel.getByText('Shown from the copy in disk').waitFor();
    assert.equal(await seek(panel, 'audio', 590), 590);
    assert.ok(
      ranges.some((range) => Number(/^bytes (\d+)-/.exec(range)?.[1]) > 40_000_000),
      `its end was fetched by itself: ${ranges.join(', ')}`,
    );
    await visitor.assertAccessible('A sound');
    await visitor.picture('preview-sound');
    const film = await show(visitor, 'film.webm');
    await film.getByText('Shown from the copy in disk').waitFor();
    assert.ok((await seek(film, 'video', 1)) >= 0.9);
  });
  await visitor.chapter(t, 'and everything else from the copy as well', async () => {
    await showAll('Shown from the copy in disk');
  });
  // Chromium says so of each picture that is none.
  const complaints = visitor.complaints.filter((complaint) => !complaint.startsWith('Failed to load resource'));
  assert.deepEqual(complaints, []);
});

test('two versions of a file are compared: texts line by line, pictures side by side', async (t) => {
  const lines = (count: number, say: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => `${say(at)}\n`).join('');
  const list = lines(3_000, (at) => `line ${at}`);
  const visitor = await arrive(t, async (desk) => {
    desk.write('share/list.txt', list);
    desk.write('share/ends.txt', 'one\ntwo\n');
    desk.write(
      'share/other.txt',
      lines(20_000, (at) => `old ${at * 7}`),
    );
    desk.write('share/scan.jpg', landscape);
    await protectShare(desk, 'disk');
    desk.write('share/list.txt', list.replace('line 1500\n', 'line 1500, corrected\n'), Date.now() / 1000 - 3_600);
    desk.write('share/ends.txt', 'one\r\ntwo\r\n', Date.now() / 1000 - 3_600);
    desk.write(
      'share/other.txt',
      lines(20_000, (at) => `new ${at * 3}`),
      Date.now() / 1000 - 3_600,
    );
    desk.write('share/scan.jpg', turned(Buffer.from(landscape)), Date.now() / 1000 - 3_600);
    await desk.text(['sync']);
  });
  const { page } = visitor;
  const compare = async (name: string): Promise<Locator> => {
    const panel = await show(visitor, name);
    await panel.getByRole('button', { name: 'Compare…' }).click();
    return visitor.dialog(`Compare versions of ${name}`);
  };
  const close = async (dialog: Locator): Promise<void> => {
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  await visitor.chapter(t, 'one line of thousands', async () => {
    await visitor.go('Browse');
    const dialog = await compare('list.txt');
    await dialog.getByText('1 line added, 1 line removed.').waitFor();
    await dialog.getByText('line 1500, corrected').waitFor();
    await visitor.assertAccessible('Compare, text');
    await visitor.picture('compare-text');
    await dialog.getByRole('button', { name: 'Show 1,497 lines that are the same in both' }).click();
    await dialog.getByText('line 3', { exact: true }).waitFor();
    await close(dialog);
  });
  await visitor.chapter(t, 'only the ends of the lines', async () => {
    const dialog = await compare('ends.txt');
    await dialog.getByText(/^Both have the same text\. They differ only in how their lines end/).waitFor();
    await close(dialog);
  });
  await visitor.chapter(t, 'nothing in common', async () => {
    const dialog = await compare('other.txt');
    await dialog.getByText(/Too different to compare|20,000 lines added/).waitFor();
    await close(dialog);
  });
  await visitor.chapter(t, 'pictures of different sizes', async () => {
    const dialog = await compare('scan.jpg');
    const [first, second] = [1, 2].map((version) => dialog.getByRole('region', { name: `Version ${version}` }));
    await first?.getByText('320 × 200 pixels').waitFor();
    await second?.getByText('200 × 320 pixels').waitFor();
    await first?.getByRole('button', { name: 'Actual size' }).click();
    await visitor.assertAccessible('Compare, pictures');
    await visitor.picture('compare-pictures');
    await close(dialog);
  });
  assert.deepEqual(visitor.complaints, []);
});
