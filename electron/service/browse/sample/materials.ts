import { holdings, pdfOf, recording } from './documents.ts';
import { jpegOf } from './jpeg.ts';
import { landscape, scannedPage, townPlan } from './picture.ts';
import { tiffOf } from './tiff.ts';

/** What happened to the sample materials on one day. */
export interface SampleDay {
  readonly daysAgo: number;
  /** What a person did, for who waits meanwhile. */
  readonly sentence: string;
  readonly write: readonly (readonly [path: string, content: () => Uint8Array])[];
  readonly move: readonly (readonly [from: string, to: string])[];
  readonly remove: readonly string[];
}

const letters = 'Letters of Anna Weiß/1891';
const tape = 'Oral history/tape 4 side A.wav';

/** A week and a half in the life of a small collection: the same at every time but for the days' dates. */
export function sampleDays(): readonly SampleDay[] {
  return [
    {
      daysAgo: 9,
      sentence: 'Letters, photographs and a recording are digitised.',
      write: [
        ...[1, 2, 3, 9, 10].map(
          (page) =>
            [
              `${letters}/page ${page}.tif`,
              () => tiffOf(scannedPage(page, `PAGE ${page}`, page === 2 ? 150 : 228)),
            ] as const,
        ),
        ['Photographs/Rynek w Krakowie.jpg', () => jpegOf(landscape(7))],
        ['Photographs/市街図/地図 1923.jpg', () => jpegOf(townPlan(23))],
        ['Theses/Müller 2019.pdf', () => thesis('Draft of March', 2)],
        [tape, () => recording(6)],
        ['Catalogue/holdings.csv', () => holdings(40, 4)],
        ['Catalogue/record 17.xml', () => Buffer.from(record('Plan of the old town', '1923'))],
        ['Notes/README.txt', () => Buffer.from(readme)],
        ['Notes/заметки.txt', () => Buffer.from('Проверить страницу 2: скан слишком тёмный.\n')],
        ['Notes/ملاحظات.txt', () => Buffer.from('الصفحة الثانية تحتاج إلى مسح جديد.\n')],
        ['Notes/to do.txt', () => Buffer.from('1. scan page 2 again\n2. ask about the tape\n')],
        [
          'Notes/Find list (copy) - FINAL, 2nd version [old].txt',
          () => Buffer.from('Long names and brackets come back as they were.\n'),
        ],
      ],
      move: [],
      remove: [],
    },
    {
      daysAgo: 6,
      sentence: 'The list of holdings grows, and two more pages are scanned.',
      write: [
        ['Catalogue/holdings.csv', () => holdings(64, 21)],
        ...[4, 5].map(
          (page) => [`${letters}/page ${page}.tif`, () => tiffOf(scannedPage(page, `PAGE ${page}`, 226))] as const,
        ),
        ['Theses/Old drafts/Müller 2018.pdf', () => thesis('Draft of the year before', 1)],
      ],
      move: [],
      remove: [],
    },
    {
      daysAgo: 4,
      sentence: 'The tape gets its true name, and a note is changed.',
      write: [
        [
          'Notes/to do.txt',
          () => Buffer.from('1. scan page 2 again\n2. ask about the tape: done, it is Mrs Okafor\n3. list of places\n'),
        ],
        ['Theses/Müller 2019.pdf', () => thesis('Final version', 3)],
      ],
      move: [[tape, 'Oral history/Interview with Mrs Okafor.wav']],
      remove: [],
    },
    {
      daysAgo: 2,
      sentence: 'Old drafts are cleared away.',
      write: [['Catalogue/record 17.xml', () => Buffer.from(record('Plan of the old town, with the river', '1923'))]],
      move: [],
      remove: ['Theses/Old drafts', 'Notes/заметки.txt'],
    },
    {
      daysAgo: 1,
      sentence: 'Page 2 is scanned again, brighter.',
      write: [
        [`${letters}/page 2.tif`, () => tiffOf(scannedPage(2, 'PAGE 2', 230))],
        ['Catalogue/holdings.csv', () => holdings(64, 64)],
      ],
      move: [],
      remove: [],
    },
  ];
}

const readme = `Sample materials

Strongroom made these files so that every screen can be tried. They are copied to two
folders beside them, with a few days of history. Nothing of yours is among them.

Things to try:
- Browse: move the slider to last week. Page 2 of the letters was too dark then.
- Search for "Okafor": the recording had another name before.
- Show deleted files: the old drafts are still there.
- Restore the list of holdings as it was five days ago, beside today's.
`;

function thesis(state: string, pages: number): Uint8Array {
  const lines = [
    state,
    '',
    'On the Keeping of Papers in Damp Rooms',
    '',
    'What is kept in one place only is kept until something happens to that place.',
    'This study follows three collections through a hundred years of floods, moves and',
    'careful hands, and asks what it was that was still there at the end.',
  ];
  return pdfOf(
    'J. Müller',
    Array.from({ length: pages }, (_, page) => (page === 0 ? lines : [`${state}, continued.`, '', ...lines.slice(4)])),
  );
}

function record(title: string, date: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<record xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:identifier>record 17</dc:identifier>
  <dc:title>${title}</dc:title>
  <dc:date>${date}</dc:date>
  <dc:type>map</dc:type>
  <dc:relation>Photographs/市街図/地図 1923.jpg</dc:relation>
</record>
`;
}
