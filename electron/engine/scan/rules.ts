import ignore, { type Ignore } from 'ignore';
import type { SourceRules } from '../catalog/sources.ts';

/** Litter that file managers, office programs and servers leave in people's folders. Matched without regard to case. */
export const defaultExclusions: readonly string[] = [
  'Thumbs.db',
  'ehthumbs.db',
  'ehthumbs_vista.db',
  'desktop.ini',
  '.DS_Store',
  '.AppleDouble/',
  '.Spotlight-V100/',
  '.Trashes/',
  '.TemporaryItems/',
  '.fseventsd/',
  '.apdisk',
  '$RECYCLE.BIN/',
  'System Volume Information/',
  'lost+found/',
  '@eaDir/',
  // Escaped, or it would be a comment: https://git-scm.com/docs/gitignore#_pattern_format
  '\\#recycle/',
  '.snapshot/',
  '~snapshot/',
  '~$*',
  '.~lock.*#',
  '*.tmp',
  '*.crdownload',
  '.nfs????????????????????????',
  '.fuse_hidden*',
  '.strongroom-*.partial',
];

/**
 * Which new files are taken in. Patterns are in gitignore syntax (https://git-scm.com/docs/gitignore#_pattern_format),
 * relative to the source. What is protected already stays protected whatever the rules say: a rule is no deletion.
 */
export class Rules {
  readonly #defaults: Ignore;
  readonly #excluded: Ignore;
  readonly #included: Ignore;
  readonly #hasIncluded: boolean;

  constructor(rules: SourceRules) {
    this.#defaults = ignore({ allowRelativePaths: true, ignorecase: true });
    if (rules.defaults) this.#defaults.add(defaultExclusions);
    this.#excluded = ignore({ allowRelativePaths: true, ignorecase: false }).add(rules.exclude);
    this.#included = ignore({ allowRelativePaths: true, ignorecase: false }).add(rules.include);
    this.#hasIncluded = rules.include.length > 0;
  }

  /** Whether a file or folder is left out; what is below a folder that is left out is never looked at. */
  excludes(path: string, isFolder: boolean): boolean {
    const asked = isFolder ? `${path}/` : path;
    if (!this.#defaults.ignores(asked) && !this.#excluded.ignores(asked)) return false;
    return !(this.#hasIncluded && this.#included.ignores(asked));
  }
}
