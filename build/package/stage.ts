import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { description } from '../desktop/bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type System = 'linux' | 'darwin' | 'win32';
export type Machine = 'x64' | 'arm64';

export interface StageOptions {
  /** The folder that becomes the package's content; emptied first. */
  readonly folder: string;
  /** The folders that were built. */
  readonly desktop: string;
  readonly renderer: string;
  readonly icons: string;
  readonly system: System;
  readonly machines: readonly Machine[];
}

/** The keychain library's part with native code, by system. */
const keyringSuffix: Readonly<Record<System, string>> = { linux: '-gnu', darwin: '', win32: '-msvc' };

/**
 * Lays out what is shipped, and nothing else: the built program, window and icons, the two libraries with native code for
 * the systems in question, and the licence. Sources, tests and what the bundles hold already stay behind.
 *
 * Errors: where a library for one of the machines is not installed, with how to install it.
 */
export async function stageApp(options: StageOptions): Promise<void> {
  const { folder, desktop, renderer, icons, system, machines } = options;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(desktop, join(folder, 'desktop'), { recursive: true });
  // The compressed forms are the local web host's: app:// reads from the disk.
  await cp(renderer, join(folder, 'renderer'), {
    recursive: true,
    filter: (file) => !['.br', '.gz'].includes(extname(file)) && !basename(file).startsWith('.'),
  });
  await cp(icons, join(folder, 'icons'), {
    recursive: true,
    filter: (file) => !['.ico', '.icns'].includes(extname(file)),
  });
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const { homepage, description: text } = projectDescription();
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ ...description(), main: 'desktop/main.js', description: text, homepage, author: 'Strongroom' }, null, 2)}\n`,
  );
  await stageDatabase(folder, system, machines);
  await stageKeychain(folder, system, machines);
}

function projectDescription(): { readonly description: string; readonly homepage?: string } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { description: string; homepage?: string };
}

/** better-sqlite3 brings programs for all machines; its SQLite and its C++ sources are three quarters of it. */
async function stageDatabase(folder: string, system: System, machines: readonly Machine[]): Promise<void> {
  const from = join(root, 'node_modules/better-sqlite3');
  const to = join(folder, 'node_modules/better-sqlite3');
  for (const name of ['package.json', 'LICENSE', 'lib'])
    await cp(join(from, name), join(to, name), { recursive: true });
  for (const machine of machines) {
    const program = join('prebuilds', `${system}-${machine}.node`);
    if (!existsSync(join(from, program))) throw new Error(`better-sqlite3 has no program for ${system} on ${machine}`);
    await cp(join(from, program), join(to, program));
  }
}

/** The keychain library: a loader, and a package with the program for each machine. */
async function stageKeychain(folder: string, system: System, machines: readonly Machine[]): Promise<void> {
  const from = join(root, 'node_modules/keytar');
  const to = join(folder, 'node_modules/keytar');
  for (const name of ['package.json', 'LICENSE', 'index.js']) await cp(join(from, name), join(to, name));
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { readonly version: string };
  for (const machine of machines) {
    const name = `@napi-rs/keyring-${system}-${machine}${keyringSuffix[system]}`;
    const program = join(root, 'node_modules', name);
    if (!existsSync(program)) {
      throw new Error(
        `${name} is not installed, so the package would have no keychain on ${machine}. ` +
          `Install it beside this machine's own: npm install --no-save --force ${name}@${version}`,
      );
    }
    for (const file of await readdir(program)) {
      if (file === 'package.json' || file.endsWith('.node') || file.startsWith('LICENSE')) {
        await cp(join(program, file), join(folder, 'node_modules', name, file));
      }
    }
  }
}
