import type { Answer, Call } from './call.ts';
import { copyFile, deleteFile, emptyTrash, exportFile, generateIds, getFile } from './files.ts';
import { listChanges, listDrives, listFiles, startPageToken } from './lists.ts';
import { deleteRevision, getRevision, listRevisions, updateRevision } from './revisions.ts';
import {
  about,
  createDrive,
  createPermission,
  deletePermission,
  getDrive,
  getPermission,
  listPermissions,
} from './sharing.ts';

/** Does what a method does. `files.create` and `files.update` are in `uploads.ts`, which brings them their bytes. */
type Handler = (call: Call) => Answer;

/** One method that is emulated. A test holds this table against Google's discovery document. */
export interface Route {
  readonly id: string;
  readonly verb: string;
  readonly path: string;
  readonly scopes: readonly string[];
  /** Quota units (https://developers.google.com/workspace/drive/api/guides/limits). */
  readonly units: number;
  /** What is answered when `fields` does not say. */
  readonly fields: string;
  readonly handler: Handler | 'create' | 'update';
}

/** The scopes' common beginning. */
export const SCOPE = 'https://www.googleapis.com/auth/';

const scopes = (...names: string[]): string[] => names.map((name) => SCOPE + name);
const READ = scopes(
  'drive',
  'drive.appdata',
  'drive.file',
  'drive.meet.readonly',
  'drive.metadata',
  'drive.metadata.readonly',
  'drive.photos.readonly',
  'drive.readonly',
);
const READ_WITHOUT_MEET = READ.filter((scope) => !scope.endsWith('drive.meet.readonly'));
const WRITE = scopes('drive', 'drive.appdata', 'drive.file');
const SCRIPTS = scopes('drive', 'drive.appdata', 'drive.file', 'drive.metadata', 'drive.scripts');
const COPY = scopes('drive', 'drive.appdata', 'drive.file', 'drive.photos.readonly');
const SHARE = scopes('drive', 'drive.file');
const PERMISSIONS_READ = scopes(
  'drive',
  'drive.file',
  'drive.meet.readonly',
  'drive.metadata',
  'drive.metadata.readonly',
  'drive.photos.readonly',
  'drive.readonly',
);
const EXPORT = scopes('drive', 'drive.file', 'drive.meet.readonly', 'drive.readonly');
const WHOLE = scopes('drive');
const WHOLE_READ = scopes('drive', 'drive.readonly');

const GET = 5;
const LIST = 100;
const DOWNLOAD = 200;
const EDIT = 50;

const FILE = 'kind,id,name,mimeType';
const REVISION = 'kind,id,mimeType,modifiedTime';
const PERMISSION = 'kind,id,type,role';
const CHANGE = `kind,changeType,type,time,removed,fileId,file(${FILE})`;

function route(
  id: string,
  [verb, path]: readonly [string, string],
  allowed: readonly string[],
  units: number,
  fields: string,
  handler: Route['handler'],
): Route {
  return { id: `drive.${id}`, verb, path, scopes: allowed, units, fields, handler };
}

/** Every method that is emulated; the API's others answer 501. */
export const ROUTES: readonly Route[] = [
  route('about.get', ['GET', 'about'], READ_WITHOUT_MEET, GET, '*', about),
  route('changes.getStartPageToken', ['GET', 'changes/startPageToken'], READ, GET, '*', startPageToken),
  route(
    'changes.list',
    ['GET', 'changes'],
    READ,
    LIST,
    `kind,nextPageToken,newStartPageToken,changes(${CHANGE})`,
    listChanges,
  ),
  route('drives.create', ['POST', 'drives'], WHOLE, EDIT, 'kind,id,name', createDrive),
  route('drives.get', ['GET', 'drives/{driveId}'], WHOLE_READ, GET, 'kind,id,name', getDrive),
  route('drives.list', ['GET', 'drives'], WHOLE_READ, LIST, 'kind,nextPageToken,drives(kind,id,name)', listDrives),
  route('files.copy', ['POST', 'files/{fileId}/copy'], COPY, EDIT, FILE, copyFile),
  route('files.create', ['POST', 'files'], WRITE, EDIT, FILE, 'create'),
  route('files.delete', ['DELETE', 'files/{fileId}'], WRITE, EDIT, '*', deleteFile),
  route('files.emptyTrash', ['DELETE', 'files/trash'], WHOLE, EDIT, '*', emptyTrash),
  route('files.export', ['GET', 'files/{fileId}/export'], EXPORT, DOWNLOAD, '*', exportFile),
  route('files.generateIds', ['GET', 'files/generateIds'], WRITE, GET, '*', generateIds),
  route('files.get', ['GET', 'files/{fileId}'], READ, GET, FILE, getFile),
  route('files.list', ['GET', 'files'], READ, LIST, `kind,incompleteSearch,nextPageToken,files(${FILE})`, listFiles),
  route('files.update', ['PATCH', 'files/{fileId}'], SCRIPTS, EDIT, FILE, 'update'),
  route('permissions.create', ['POST', 'files/{fileId}/permissions'], SHARE, EDIT, PERMISSION, createPermission),
  route(
    'permissions.delete',
    ['DELETE', 'files/{fileId}/permissions/{permissionId}'],
    SHARE,
    EDIT,
    '*',
    deletePermission,
  ),
  route(
    'permissions.get',
    ['GET', 'files/{fileId}/permissions/{permissionId}'],
    PERMISSIONS_READ,
    GET,
    PERMISSION,
    getPermission,
  ),
  route(
    'permissions.list',
    ['GET', 'files/{fileId}/permissions'],
    PERMISSIONS_READ,
    LIST,
    `kind,nextPageToken,permissions(${PERMISSION})`,
    listPermissions,
  ),
  route('revisions.delete', ['DELETE', 'files/{fileId}/revisions/{revisionId}'], WRITE, EDIT, '*', deleteRevision),
  route('revisions.get', ['GET', 'files/{fileId}/revisions/{revisionId}'], READ, GET, REVISION, getRevision),
  route(
    'revisions.list',
    ['GET', 'files/{fileId}/revisions'],
    READ,
    LIST,
    `kind,nextPageToken,revisions(${REVISION})`,
    listRevisions,
  ),
  route('revisions.update', ['PATCH', 'files/{fileId}/revisions/{revisionId}'], WRITE, EDIT, REVISION, updateRevision),
];

/** Quota units of a download, which is a `get` with `alt=media`. */
export const DOWNLOAD_UNITS = DOWNLOAD;

interface Matcher<T> {
  readonly verb: string;
  readonly segments: readonly string[];
  readonly variables: number;
  readonly target: T;
}

/** Finds the method of a request; a literal segment wins over a variable (`files/trash` over `files/{fileId}`). */
export class Router<T extends { verb: string; path: string }> {
  readonly #byLength = new Map<string, Matcher<T>[]>();

  constructor(targets: Iterable<T>) {
    for (const target of targets) {
      const segments = target.path.split('/');
      const key = `${target.verb} ${segments.length}`;
      const variables = segments.filter((segment) => segment.startsWith('{')).length;
      const matchers = this.#byLength.get(key) ?? [];
      matchers.push({ verb: target.verb, segments, variables, target });
      this.#byLength.set(
        key,
        matchers.sort((left, right) => left.variables - right.variables),
      );
    }
  }

  /** The method and the variables of the path, decoded. */
  match(verb: string, path: string): { target: T; variables: Record<string, string> } | undefined {
    const parts = path.split('/');
    for (const { segments, target } of this.#byLength.get(`${verb} ${parts.length}`) ?? []) {
      const variables: Record<string, string> = {};
      const fits = segments.every((segment, index) => {
        const part = parts[index] ?? '';
        if (!segment.startsWith('{')) return segment === part;
        variables[segment.slice(1, -1)] = decodeURIComponent(part);
        return part !== '';
      });
      if (fits) return { target, variables };
    }
    return undefined;
  }
}
