import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { icnsOf, icoOf, type Drawing } from './containers.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Where the drawn icons lie. */
export const iconsFolder = join(here, '../../dist/icons');

/** Edges of the app's icon in pixels: what Linux's icon themes ask for, and what goes into .ico and .icns. */
const appSizes = [16, 20, 24, 32, 40, 48, 64, 128, 256, 512, 1024];
const windowsSizes = [16, 20, 24, 32, 40, 48, 64, 128, 256];
const macSizes = [16, 32, 64, 128, 256, 512, 1024];

/**
 * Scale factors that Electron looks for in the name of an image (`name@1.5x.png`); of 16 pixels they make what Windows
 * shows at 100 to 400 %: 16, 20, 24, 32, 40, 48 and 64. https://www.electronjs.org/docs/latest/api/native-image#high-resolution-image
 */
const scales = [1, 1.25, 1.5, 2, 2.5, 3, 4];

/** The tray's pictures are drawn in the colours for a light bar. */
const barColours: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  light: {},
  dark: { '#1f6f5c': '#d6eae5', '#d9480f': '#ffa94d', '#495057': '#ced4da' },
  // macOS takes the shape alone and colours it itself.
  template: { '#1f6f5c': '#000000', '#d9480f': '#000000', '#495057': '#000000' },
};

/** The progress ring of `working.svg`: 2π times its radius of 7. */
const ringLength = 43.983;
const ringSteps = 8;

/**
 * Draws all icons from their SVGs: `strongroom-<edge>.png`, `strongroom.ico`, `strongroom.icns`, and the tray's pictures
 * in `tray/<bar>/`, where bar is `light`, `dark` or `template`, with `-24` for bars of 24 pixels as Linux has them.
 *
 * @param folder is emptied first.
 */
export async function makeIcons(folder = iconsFolder): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await makeAppIcons(folder);
  for (const [name, svg] of await trayPictures()) {
    for (const [bar, colours] of Object.entries(barColours)) {
      const drawing = recolour(svg, colours);
      const file = bar === 'template' ? `${name}Template` : name;
      await drawAll(join(folder, 'tray', bar, file), drawing, 16);
      if (bar !== 'template') await drawAll(join(folder, 'tray', `${bar}-24`, file), drawing, 24);
    }
  }
}

async function makeAppIcons(folder: string): Promise<void> {
  const mark = await readFile(join(here, 'mark.svg'), 'utf8');
  for (const size of appSizes) await write(join(folder, `strongroom-${size}.png`), draw(mark, size).png);
  await write(join(folder, 'strongroom.ico'), icoOf(windowsSizes.map((size) => draw(mark, size))));
  await write(join(folder, 'strongroom.icns'), icnsOf(macSizes.map((size) => draw(inset(mark), size))));
}

/** On macOS an icon's tile takes 824 of 1,024 pixels: https://developer.apple.com/design/human-interface-guidelines/app-icons */
function inset(mark: string): string {
  const edge = (64 * 1024) / 824;
  const start = (64 - edge) / 2;
  return mark.replace('viewBox="0 0 64 64"', `viewBox="${start} ${start} ${edge} ${edge}"`);
}

/** The tray's pictures by name; the one with the ring once for each eighth. */
async function trayPictures(): Promise<Map<string, string>> {
  const pictures = new Map<string, string>();
  for (const file of (await readdir(join(here, 'tray'))).sort()) {
    const svg = await readFile(join(here, 'tray', file), 'utf8');
    const name = basename(file, '.svg');
    if (name !== 'working') pictures.set(name, svg);
    else for (let step = 0; step <= ringSteps; step += 1) pictures.set(`${name}-${step}`, withRing(svg, step));
  }
  return pictures;
}

function withRing(svg: string, step: number): string {
  const dashes = /stroke-dasharray="[^"]*"/;
  if (!dashes.test(svg)) throw new Error('working.svg has no ring to be filled');
  return svg.replace(dashes, `stroke-dasharray="${(ringLength * step) / ringSteps} ${ringLength}"`);
}

function recolour(svg: string, colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours).reduce((text, [from, to]) => text.replaceAll(from, to), svg);
}

async function drawAll(name: string, svg: string, edge: number): Promise<void> {
  for (const scale of scales) {
    await write(`${name}${scale === 1 ? '' : `@${scale}x`}.png`, draw(svg, edge * scale).png);
  }
}

function draw(svg: string, edge: number): Drawing {
  const image = new Resvg(svg, { fitTo: { mode: 'width', value: edge }, font: { loadSystemFonts: false } }).render();
  return { edge, png: image.asPng(), pixels: image.pixels };
}

async function write(file: string, content: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeIcons();
