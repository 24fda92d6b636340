import type { ErrorCode } from '../../../shared/errors.ts';
import type { SeenStat } from '../catalog/files.ts';
import type { SourceRules } from '../catalog/sources.ts';

/** What the walk tells of one entry that is not simply unchanged. Paths are relative to the source. */
export type Finding =
  | { readonly kind: 'new'; readonly path: string; readonly stat: SeenStat }
  /** Size, modification time or mode differ. */
  | { readonly kind: 'changed'; readonly path: string; readonly fileId: number; readonly stat: SeenStat }
  /** Looks the same, but is to be read: the inode or change time differ, or everything is read again. */
  | { readonly kind: 'recheck'; readonly path: string; readonly fileId: number; readonly stat: SeenStat }
  | { readonly kind: 'gone'; readonly fileId: number }
  | { readonly kind: 'new-folder'; readonly path: string; readonly mounted: boolean }
  | { readonly kind: 'gone-folder'; readonly folderId: number }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }
  | {
      readonly kind: 'unreadable';
      readonly path: string;
      readonly code: ErrorCode;
      readonly errno: string;
      readonly folder: boolean;
    };

export interface WalkOrder {
  readonly home: string;
  readonly sourceId: number;
  readonly root: string;
  readonly rules: SourceRules;
  readonly rehash: boolean;
  readonly platform: string;
  /** [0] batches sent and not yet taken, [1] set to 1 to stop. */
  readonly gauge: SharedArrayBuffer;
}

export interface WalkBatch {
  readonly kind: 'batch';
  readonly findings: readonly Finding[];
  /** Files met since the last batch, and how many of them are unchanged. */
  readonly seen: number;
  readonly unchanged: number;
}

export type WalkMessage =
  | WalkBatch
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
