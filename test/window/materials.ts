import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { wavOf } from '../../electron/service/browse/sample/documents.ts';

/*
 * Files of the kinds that a repository's source folders hold, made by hand: small ones, enormous ones, and ones that are
 * not what their names promise.
 */

/** A tone as a WAV. */
export function toneOf(seconds: number): Buffer {
  return wavOf(seconds, 44_100, (time) => 8_000 * Math.sin(time * 440 * 2 * Math.PI));
}

export interface TiffPage {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of the whole page. */
  readonly colour: readonly [number, number, number];
}

/** Pages of one colour each as an uncompressed RGB TIFF, little-endian, one strip a page (TIFF 6.0, section 2). */
export function tiffOf(pages: readonly TiffPage[]): Buffer {
  const laid = layOut(pages);
  const bytes = Buffer.alloc(laid.length);
  for (const { at, head, strip, page } of laid.pages) {
    head.copy(bytes, at);
    bytes.fill(Buffer.from(page.colour), strip, strip + page.width * page.height * 3);
  }
  laid.start.copy(bytes);
  return bytes;
}

/** A black TIFF of one page as a file with holes: as large as a master, and made at once. */
export function writeLargeTiff(file: string, width: number, height: number): void {
  const laid = layOut([{ width, height, colour: [0, 0, 0] }]);
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'w');
  ftruncateSync(handle, laid.length);
  writeSync(handle, laid.start, 0, laid.start.length, 0);
  for (const { at, head } of laid.pages) writeSync(handle, head, 0, head.length, at);
  closeSync(handle);
}

interface LaidPage {
  readonly page: TiffPage;
  /** Where its directory lies, and that directory. */
  readonly at: number;
  readonly head: Buffer;
  /** Where its pixels lie. */
  readonly strip: number;
}

function layOut(pages: readonly TiffPage[]): { start: Buffer; pages: LaidPage[]; length: number } {
  const start = Buffer.from('II\u002a\u0000\u0000\u0000\u0000\u0000', 'latin1');
  start.writeUInt32LE(8, 4);
  const laid: LaidPage[] = [];
  let at = 8;
  for (const [index, page] of pages.entries()) {
    const fields = [
      [256, 4, page.width],
      [257, 4, page.height],
      // Three values do not fit into the field: they lie behind the directory.
      [258, 3, 0],
      [259, 3, 1],
      [262, 3, 2],
      [273, 4, 0],
      [277, 3, 3],
      [278, 4, page.height],
      [279, 4, page.width * page.height * 3],
    ] as const;
    const bits = at + 2 + fields.length * 12 + 4;
    const strip = bits + 6;
    const end = strip + page.width * page.height * 3;
    const next = end + (end % 2);
    const head = Buffer.alloc(strip - at);
    head.writeUInt16LE(fields.length, 0);
    for (const [number, [tag, type, value]] of fields.entries()) {
      head.writeUInt16LE(tag, 2 + number * 12);
      head.writeUInt16LE(type, 4 + number * 12);
      head.writeUInt32LE(tag === 258 ? 3 : 1, 6 + number * 12);
      head.writeUInt32LE(tag === 258 ? bits : tag === 273 ? strip : value, 10 + number * 12);
    }
    head.writeUInt32LE(index === pages.length - 1 ? 0 : next, bits - 4 - at);
    for (let channel = 0; channel < 3; channel += 1) head.writeUInt16LE(8, bits - at + channel * 2);
    laid.push({ page, at, head, strip });
    at = next;
  }
  return { start, pages: laid, length: at };
}

/**
 * A PDF with a line of text on each page (PDF 1.7, ISO 32000-1, 7.5).
 *
 * @param locked with the encryption of 7.6 and a password that nobody knows.
 */
export function pdfOf(pages: number, { locked = false } = {}): Buffer {
  const objects: string[] = [];
  const first = 4;
  const kids = Array.from({ length: pages }, (_, index) => `${first + index * 2} 0 R`);
  objects.push('<< /Type /Catalog /Pages 2 0 R >>');
  objects.push(`<< /Type /Pages /Count ${pages} /Kids [${kids.join(' ')}] >>`);
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (let page = 0; page < pages; page += 1) {
    const text = `BT /F1 36 Tf 72 700 Td (This is page ${page + 1}.) Tj ET`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> ` +
        `/Contents ${first + page * 2 + 1} 0 R >>`,
    );
    objects.push(`<< /Length ${text.length} >>\nstream\n${text}\nendstream`);
  }
  const hex = (byte: string) => `<${byte.repeat(32)}>`;
  if (locked) objects.push(`<< /Filter /Standard /V 1 /R 2 /O ${hex('3c')} /U ${hex('a5')} /P -44 >>`);
  let text = '%PDF-1.7\n';
  const places: number[] = [];
  for (const [index, object] of objects.entries()) {
    places.push(text.length);
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
  }
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const place of places) text += `${String(place).padStart(10, '0')} 00000 n \n`;
  const encrypt = locked ? ` /Encrypt ${objects.length} 0 R /ID [${hex('01')} ${hex('01')}]` : '';
  text += `trailer << /Size ${objects.length + 1} /Root 1 0 R${encrypt} >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

/** A JPEG with the mark that it is to be turned to the right by a quarter (Exif 2.3, 4.6.4: Orientation 6). */
export function turned(jpeg: Buffer): Buffer {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex');
  const body = Buffer.concat([Buffer.from('Exif\u0000\u0000', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** Text in UTF-16 with its mark, as Windows' own editor wrote it for long. */
export function utf16(text: string): Buffer {
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}
