import { z } from 'zod';

/** What of a file the adapter asks Drive for; no more, because answers with fewer fields cost Google and us less. */
export const fileFields =
  'id,name,mimeType,parents,driveId,trashed,size,md5Checksum,sha256Checksum,headRevisionId,createdTime,modifiedTime,appProperties';

export const folderType = 'application/vnd.google-apps.folder';
const googleTypes = 'application/vnd.google-apps.';
export const shortcutType = 'application/vnd.google-apps.shortcut';

/**
 * The part of Google's `File` resource that the adapter reads.
 * https://developers.google.com/workspace/drive/api/reference/rest/v3/files
 */
export const driveFile = z.object({
  id: z.string().min(1),
  name: z.string().default(''),
  mimeType: z.string().default(''),
  parents: z.array(z.string()).default([]),
  driveId: z.string().optional(),
  trashed: z.boolean().default(false),
  /** Whether it was put into the trash itself, and not with its folder; asked for only where that matters. */
  explicitlyTrashed: z.boolean().default(false),
  /** Bytes, as decimal digits; absent for folders, shortcuts and some native documents. */
  size: z.string().regex(/^\d+$/).optional(),
  md5Checksum: z.string().optional(),
  sha256Checksum: z.string().optional(),
  headRevisionId: z.string().optional(),
  createdTime: z.string().optional(),
  modifiedTime: z.string().optional(),
  appProperties: z.record(z.string(), z.string()).default({}),
});
export type DriveFile = z.infer<typeof driveFile>;

export const fileList = z.object({
  nextPageToken: z.string().optional(),
  incompleteSearch: z.boolean().default(false),
  files: z.array(driveFile).default([]),
});

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/revisions */
export const driveRevision = z.object({
  id: z.string().min(1),
  md5Checksum: z.string().optional(),
  size: z.string().regex(/^\d+$/).optional(),
  modifiedTime: z.string().optional(),
  keepForever: z.boolean().default(false),
});
export type DriveRevision = z.infer<typeof driveRevision>;

export const revisionList = z.object({
  nextPageToken: z.string().optional(),
  revisions: z.array(driveRevision).default([]),
});

export const generatedIds = z.object({ ids: z.array(z.string().min(1)).min(1) });

export const rootFolder = z.object({
  id: z.string().min(1),
  mimeType: z.string(),
  driveId: z.string().optional(),
  trashed: z.boolean().default(false),
  capabilities: z.object({ canAddChildren: z.boolean().default(true) }).default({ canAddChildren: true }),
});
export type RootFolder = z.infer<typeof rootFolder>;

export const aboutUser = z.object({ user: z.object({ emailAddress: z.string().default('') }) });

export const startPageToken = z.object({ startPageToken: z.string().min(1) });

export const changeList = z.object({
  nextPageToken: z.string().optional(),
  newStartPageToken: z.string().optional(),
  changes: z
    .array(
      z.object({
        fileId: z.string().optional(),
        /** Absent for what is gone for good or can be seen no more. */
        file: driveFile.optional(),
      }),
    )
    .default([]),
});

/** https://developers.google.com/workspace/drive/api/guides/handle-errors */
export const errorBody = z.object({
  error: z.object({
    message: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional() })).default([]),
    status: z.string().optional(),
  }),
});

export function isFolder(file: Pick<DriveFile, 'mimeType'>): boolean {
  return file.mimeType === folderType;
}

/** Whether it has bytes of its own: shortcuts, folders and Google's own documents have none. */
export function hasBytes(file: Pick<DriveFile, 'mimeType'>): boolean {
  return !file.mimeType.startsWith(googleTypes);
}
