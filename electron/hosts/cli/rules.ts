import type { SourceRules } from '../../engine/catalog/sources.ts';

export interface RuleOptions {
  readonly exclude?: string[];
  readonly include?: string[];
  /** commander's name for `--no-default-excludes`. */
  readonly defaultExcludes?: boolean;
}

export function rulesFrom(options: RuleOptions): SourceRules {
  return {
    exclude: options.exclude ?? [],
    include: options.include ?? [],
    defaults: options.defaultExcludes !== false,
  };
}
