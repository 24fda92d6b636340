import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, mergeConfig } from 'vite';
import { BundledFiles } from '../licences/bundled.ts';
import { librariesOf, runningLibraries, together } from '../licences/libraries.ts';
import { noticesName, noticesText, objections } from '../licences/notices.ts';
import config from './vite.config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where the built window lies. */
const rendererFolder = path.join(root, 'dist/renderer');

/** Says from which sources the folder was built. Doors serve no name that begins with a dot. */
const markName = '.built-from';

/** What the window is made of: its sources, what they share with the engine, how they are built, and the libraries. */
const inputs = ['renderer', 'shared', 'build/renderer', 'build/licences', 'package-lock.json'];

/** What becomes much smaller. Fonts, images and what is compressed by its own format stay as they are. */
const compressible = /\.(css|js|mjs|json|svg|wasm|txt|ttf|bcmap)$/;
const worthwhileBytes = 1_024;
/** Two steps below the best: a few per cent larger, in a tenth of the time, which somebody waits for. */
const brotliQuality = 9;

/**
 * Builds the window into `dist/renderer` unless what lies there was built from the sources as they are. The folder is
 * replaced as a whole at the end, so another process that builds or serves at the same time sees no half of it.
 *
 * @param onBuild called before a build begins, which takes some seconds.
 * @returns the folder. Errors: those of Vite, about the sources; where a library may not be given on.
 */
export async function buildRenderer(onBuild: () => void = () => undefined): Promise<string> {
  const mark = await markOf(inputs);
  if ((await readMark()) === mark) return rendererFolder;
  onBuild();
  const outDir = await fs.mkdtemp(path.join(await madeFolder('dist'), 'renderer-'));
  try {
    const bundled = new BundledFiles();
    await build(
      mergeConfig(config, {
        configFile: false,
        logLevel: 'warn',
        build: { outDir },
        plugins: [bundled.plugin()],
        worker: { plugins: () => [bundled.plugin()] },
      }),
    );
    await fs.writeFile(path.join(outDir, noticesName), notices(bundled.files));
    await compress(outDir);
    await fs.writeFile(path.join(outDir, markName), mark);
    await fs.chmod(outDir, 0o755);
    await replace(outDir, mark);
  } finally {
    await fs.rm(outDir, { recursive: true, force: true });
  }
  return rendererFolder;
}

/** The notices of everything that is given on: what is in the window, and what the program behind it needs. */
function notices(files: ReadonlySet<string>): string {
  const libraries = together(librariesOf(files), runningLibraries(root));
  const against = objections(libraries);
  if (against.length > 0) throw new Error(`The window cannot be given on:\n${against.join('\n')}`);
  return noticesText(libraries);
}

/** A digest of the names and the content of all inputs. */
async function markOf(names: readonly string[]): Promise<string> {
  const files: string[] = [];
  for (const name of names) files.push(...(await filesBelow(path.join(root, name))));
  const digest = createHash('sha256');
  for (const file of files.sort()) {
    const content = await fs.readFile(file);
    digest.update(`${path.relative(root, file)}\0${content.length}\0`).update(content);
  }
  return digest.digest('hex');
}

async function filesBelow(place: string): Promise<string[]> {
  if ((await fs.stat(place)).isFile()) return [place];
  const entries = await fs.readdir(place, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

async function readMark(): Promise<string | undefined> {
  return await fs.readFile(path.join(rendererFolder, markName), 'utf8').catch(() => undefined);
}

async function madeFolder(name: string): Promise<string> {
  const folder = path.join(root, name);
  await fs.mkdir(folder, { recursive: true });
  return folder;
}

/** Puts `name.br` and `name.gz` beside whatever becomes smaller by it. The page itself is made anew for each answer. */
async function compress(folder: string): Promise<void> {
  const files = (await filesBelow(folder)).filter((file) => compressible.test(file));
  await Promise.all(
    files.map(async (file) => {
      const content = await fs.readFile(file);
      if (content.length < worthwhileBytes) return;
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } };
      const [br, gz] = await Promise.all([
        promisify(brotliCompress)(content, quality),
        promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
      ]);
      if (br.length < content.length) await fs.writeFile(`${file}.br`, br);
      if (gz.length < content.length) await fs.writeFile(`${file}.gz`, gz);
    }),
  );
}

/** Puts a built folder in the place of the one before, unless another process has just put the same there. */
async function replace(built: string, mark: string): Promise<void> {
  const aside = `${built}-old`;
  try {
    await fs.rename(rendererFolder, aside).catch((error: unknown) => {
      if (!isCode(error, 'ENOENT')) throw error;
    });
    await fs.rename(built, rendererFolder);
  } catch (error) {
    if ((await readMark()) !== mark) throw error;
  } finally {
    await fs.rm(aside, { recursive: true, force: true });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
