import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, Platform } from 'electron-builder';
import { bundleDesktop, desktopFolder } from '../desktop/bundle.ts';
import { iconsFolder, makeIcons } from '../icons/make.ts';
import { buildRenderer } from '../renderer/build.ts';
import { packageConfig } from './config.ts';
import { stageApp, type Machine, type System } from './stage.ts';

/*
 * `node build/package/main.ts [--linux | --mac | --windows] [--folder]` makes the installers of a system, its own by
 * default, in dist/packages; with `--folder` only the folder that an installer would put in place.
 *
 * STRONGROOM_UPDATES_URL: where the packaged app looks for new versions. Without it, it looks nowhere.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const machinesOf: Readonly<Record<System, readonly Machine[]>> = {
  linux: ['x64'],
  darwin: ['arm64', 'x64'],
  win32: ['x64'],
};
const builderNames = { linux: Platform.LINUX, darwin: Platform.MAC, win32: Platform.WINDOWS } as const;

const { values } = parseArgs({
  options: {
    linux: { type: 'boolean' },
    mac: { type: 'boolean' },
    windows: { type: 'boolean' },
    folder: { type: 'boolean' },
  },
});
const system: System = values.linux
  ? 'linux'
  : values.mac
    ? 'darwin'
    : values.windows
      ? 'win32'
      : process.platform === 'darwin' || process.platform === 'win32'
        ? process.platform
        : 'linux';

const renderer = await buildRenderer();
await bundleDesktop();
await makeIcons();
const app = join(root, 'dist/app');
await stageApp({
  folder: app,
  desktop: desktopFolder,
  renderer,
  icons: iconsFolder,
  system,
  machines: machinesOf[system],
});
const updatesUrl = process.env['STRONGROOM_UPDATES_URL'];
await build({
  projectDir: root,
  config: packageConfig({ app, output: join(root, 'dist/packages'), icons: iconsFolder, updatesUrl }),
  targets: builderNames[system].createTarget(values.folder === true ? 'dir' : undefined),
  publish: 'never',
});
