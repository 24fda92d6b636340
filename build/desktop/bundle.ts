import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig, type Plugin } from 'vite';
import { BundledFiles } from '../licences/bundled.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where the built desktop program lies, beside `dist/renderer` and `dist/icons`. */
export const desktopFolder = join(root, 'dist/desktop');

/**
 * What is not bundled: Electron itself, and libraries with native code, which find it beside their own files.
 * `build/package` ships exactly these.
 */
export const nativePackages = ['better-sqlite3', 'keytar'] as const;
const external = ['electron', ...nativePackages];

/**
 * Bundles the desktop's main process (`main.js`), its preload (`preload.cjs`) and the engine's process (`engine.js`) with
 * the threads that it starts, each as a file of its own, with a `package.json`, so that `electron dist/desktop` starts
 * it. Nothing of `node_modules` is needed beside them but {@link nativePackages}.
 *
 * @param folder is emptied first. Errors: those of Vite, about the sources.
 * @returns the files that went into the bundles. The notices of their libraries are with the window's files.
 */
export async function bundleDesktop(folder = desktopFolder): Promise<ReadonlySet<string>> {
  const bundled = new BundledFiles();
  await build({
    ...common,
    // Otherwise Vite takes every package for one that Node finds at run time.
    ssr: { noExternal: true, target: 'node' },
    plugins: [threads(), bundled.plugin()],
    build: {
      ...common.build,
      outDir: folder,
      emptyOutDir: true,
      target: 'node24',
      ssr: true,
      // The folder's package.json is an asset, which a build for a server leaves out unless told.
      ssrEmitAssets: true,
      rolldownOptions: {
        input: { main: join(root, 'electron/main.ts'), engine: join(root, 'electron/hosts/utility/main.ts') },
        external,
        // What the command line loads late, so that it starts at once, the engine's process may load at its start.
        checks: { ineffectiveDynamicImport: false },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  await build({
    ...common,
    ssr: { noExternal: true, target: 'node' },
    plugins: [bundled.plugin()],
    build: {
      ...common.build,
      outDir: folder,
      emptyOutDir: false,
      target: 'es2023',
      ssr: true,
      rolldownOptions: {
        input: { preload: join(root, 'electron/preload.ts') },
        external,
        // A sandboxed preload is CommonJS, and one file: https://www.electronjs.org/docs/latest/tutorial/sandbox
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  });
  return bundled.files;
}

/** What Electron and the program read of a package's description: the name, the version, and where to start. */
export function description(): Readonly<Record<string, string>> {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license: string;
  };
  return { name, productName: 'Strongroom', version, license, type: 'module', main: 'main.js' };
}

const common: InlineConfig = {
  root,
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  build: {
    // What fails on somebody's workstation is told by its stack, and that is to be readable.
    minify: false,
    sourcemap: false,
    reportCompressedSize: false,
  },
};

/** `new URL('./x.worker.ts', import.meta.url)` and the like, as the engine starts its threads. */
const reference = /new URL\('(\.[^']+)', import\.meta\.url\)/g;

/** Makes each thread that is started by its address a file of the bundle under the same name. */
function threads(): Plugin {
  return {
    name: 'strongroom-threads',
    // Before the sources become JavaScript, and look as Vite writes it.
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.ts') || id.includes('node_modules')) return null;
      return code.replace(reference, (_whole, path: string) => {
        const file = resolve(dirname(id), path);
        if (file.endsWith('.ts')) {
          const fileName = basename(file, '.ts') + '.js';
          this.emitFile({ type: 'chunk', id: file, fileName });
          return `new URL('./${fileName}', import.meta.url)`;
        }
        this.error(`${relative(root, id)} needs ${path} beside it, and nothing puts it there`);
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'package.json', source: `${JSON.stringify(description(), null, 2)}\n` });
    },
  };
}
