import * as utif from 'utif2';
import type { TiffAnswer, TiffQuestion } from './tiff.ts';

/*
 * Decodes TIFF pictures away from the window: masters of a hundred megabytes keep it busy for seconds. One worker holds one
 * file; it ends with the preview.
 */

/** Pixels of a page that are decoded at most: four bytes each, and as many again while it is made smaller. */
const mostPixels = 150_000_000;
/** The longer side of what is sent back, in pixels. */
const longestSide = 2_400;

let bytes: ArrayBuffer | undefined;
let pages: utif.IFD[] = [];

function answer(message: TiffAnswer, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

function sizeOf(page: utif.IFD): { readonly width: number; readonly height: number } {
  // Tags 256 and 257 of TIFF 6.0, section 8.
  const first = (tag: unknown) => (Array.isArray(tag) && typeof tag[0] === 'number' ? tag[0] : 0);
  return { width: first(page['t256']), height: first(page['t257']) };
}

/**
 * Whether some of the page lies beyond the end of the file: its strips (tags 273 and 279) or tiles (324 and 325 of TIFF 6.0,
 * sections 3 and 15).
 */
function isCut(page: utif.IFD, length: number): boolean {
  const numbers = (tag: unknown): readonly unknown[] => (Array.isArray(tag) ? tag : []);
  const offsets = numbers(page['t273'] ?? page['t324']);
  const counts = numbers(page['t279'] ?? page['t325']);
  return offsets.some((offset, at) => {
    const count = counts[at];
    return typeof offset === 'number' && offset + (typeof count === 'number' ? count : 1) > length;
  });
}

async function open(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Content was refused with ${response.status}.`);
  bytes = await response.arrayBuffer();
  pages = utif.decode(bytes).filter((page) => {
    const { width, height } = sizeOf(page);
    return width > 0 && height > 0;
  });
  answer({ type: 'opened', pages: pages.length });
}

async function draw(index: number): Promise<void> {
  const page = pages[index];
  if (page === undefined || bytes === undefined) throw new Error('There is no such page.');
  const { width, height } = sizeOf(page);
  if (width * height > mostPixels) {
    answer({ type: 'too-large', page: index, width, height });
    return;
  }
  const endsEarly = isCut(page, bytes.byteLength);
  utif.decodeImage(bytes, page);
  const pixels = utif.toRGBA8(page);
  const scale = Math.min(1, longestSide / Math.max(width, height));
  const picture = new ImageData(new Uint8ClampedArray(pixels), page.width, page.height);
  // Decoded once more when the page is turned to again: kept, it would take as much room as the window.
  page.data = new Uint8Array();
  const bitmap = await createImageBitmap(picture, {
    resizeWidth: Math.max(1, Math.round(page.width * scale)),
    resizeHeight: Math.max(1, Math.round(page.height * scale)),
    resizeQuality: 'medium',
  });
  answer({ type: 'drawn', page: index, width, height, bitmap, isCut: endsEarly }, [bitmap]);
}

self.addEventListener('message', ({ data }: MessageEvent<TiffQuestion>) => {
  const working = data.type === 'open' ? open(data.url) : draw(data.page);
  working.catch(() => answer({ type: 'failed' }));
});
