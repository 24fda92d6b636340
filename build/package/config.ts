import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Configuration } from 'electron-builder';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

export interface PackageOptions {
  /** What `stageApp` laid out. */
  readonly app: string;
  /** Where installers are written. */
  readonly output: string;
  readonly icons: string;
  /** Where the packaged app looks for new versions: a folder on a web server, over https. Absent: nowhere. */
  readonly updatesUrl: string | undefined;
}

/**
 * How electron-builder makes the installers: Windows (per user or for all), macOS (Apple and Intel processors), Linux
 * (AppImage and deb). Signing takes what its usual variables name (`CSC_LINK`, `APPLE_ID`, …), and is left out without.
 */
export function packageConfig({ app, output, icons, updatesUrl }: PackageOptions): Configuration {
  return {
    appId: 'org.strongroom.desktop',
    productName: 'Strongroom',
    copyright: 'Licensed under the Apache License, Version 2.0',
    electronVersion: installedVersion('electron'),
    directories: { app, output, buildResources: here },
    files: [
      'package.json',
      'LICENSE',
      'desktop/**',
      'renderer/**',
      'icons/**',
      // By itself electron-builder leaves out every folder of this name.
      { from: join(app, 'node_modules'), to: 'node_modules', filter: ['**/*'] },
    ],
    asar: true,
    // The system loads programs from files of their own only.
    asarUnpack: ['**/*.node'],
    // Nothing is collected or compiled: `stageApp` laid out the libraries, and their programs are for Node-API, which
    // every Electron has.
    beforeBuild: () => Promise.resolve(false),
    artifactName: 'strongroom-${version}-${os}-${arch}.${ext}',
    // The window speaks for itself; Chromium's own texts are those of a dialog or two.
    electronLanguages: ['en', 'en-US', 'en-GB'],
    // https://www.electronjs.org/docs/latest/tutorial/fuses
    electronFuses: {
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      loadBrowserProcessSpecificV8Snapshot: false,
      // The window keeps no cookies; with this fuse Chromium would ask for the keychain at each start all the same.
      enableCookieEncryption: false,
      resetAdHocDarwinSignature: true,
    },
    win: {
      target: [{ target: 'nsis', arch: ['x64'] }],
      icon: join(icons, 'strongroom.ico'),
    },
    nsis: {
      // The person chooses: for themselves without an administrator, or for all users of the computer with one.
      oneClick: false,
      perMachine: false,
      selectPerMachineByDefault: false,
      allowElevation: true,
      allowToChangeInstallationDirectory: true,
      // The catalog and the settings are the person's.
      deleteAppDataOnUninstall: false,
      shortcutName: 'Strongroom',
    },
    mac: {
      // An update is fetched as a zip.
      target: (updatesUrl === undefined ? ['dmg'] : ['dmg', 'zip']).map((target) => ({
        target,
        arch: ['arm64', 'x64'],
      })),
      icon: join(icons, 'strongroom.icns'),
      category: 'public.app-category.productivity',
      darkModeSupport: true,
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: join(here, 'entitlements.mac.plist'),
      entitlementsInherit: join(here, 'entitlements.mac.plist'),
    },
    linux: {
      target: [
        { target: 'AppImage', arch: ['x64'] },
        { target: 'deb', arch: ['x64'] },
      ],
      // electron-builder takes a folder of `<edge>x<edge>.png`, or one large picture, from which it makes the rest.
      icon: join(icons, 'strongroom-1024.png'),
      executableName: 'strongroom',
      category: 'Utility',
      synopsis: 'Keeps copies of source materials in Google Drive, S3 and other disks',
      maintainer: 'Strongroom',
    },
    publish: updatesUrl === undefined ? null : [{ provider: 'generic', url: updatesUrl }],
  };
}

/** The exact version that is installed: a range would let the package have another Electron than the tests. */
function installedVersion(name: string): string {
  const file = join(root, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
