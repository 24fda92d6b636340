import { isAbsolute, join } from 'node:path';
import type { Plugin } from 'vite';

/** Keeps which files went into bundles: code and styles, and fonts, tables and pictures that are files of their own. */
export class BundledFiles {
  readonly #files = new Set<string>();

  /** Absolute, also of virtual modules that were made of a file. */
  get files(): ReadonlySet<string> {
    return this.#files;
  }

  /** A new one for each bundle: that of the program, and those of its threads. */
  plugin(): Plugin {
    let root = '';
    return {
      name: 'strongroom-bundled-files',
      configResolved: (config) => {
        ({ root } = config);
      },
      generateBundle: (_options, bundle) => {
        const names = Object.values(bundle).flatMap((part) =>
          part.type === 'chunk' ? part.moduleIds : part.originalFileNames,
        );
        for (const name of names) {
          const file = name.replace(/^\0/, '').replace(/[?#].*$/, '');
          this.#files.add(isAbsolute(file) ? file : join(root, file));
        }
      },
    };
  }
}
