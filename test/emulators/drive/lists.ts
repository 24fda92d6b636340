import { canSee, seesWholeDrive, visibleItem } from './access.ts';
import { flag, pageSize, supportsAllDrives, type Answer, type Call, type JsonObject } from './call.ts';
import { timestamp } from './clock.ts';
import { ApiError, badRequest, driveNotFound, invalidValue } from './errors.ts';
import { inside } from './fields.ts';
import { FOLDER, type Change, type Item } from './model.ts';
import { parseQuery } from './query.ts';
import { driveResource, fileResource } from './resources.ts';

/** Throws 404 unless the caller is a member of the shared drive. */
export function requireMember(call: Call, driveId: string): void {
  if (!call.store.drives.get(driveId)?.members.has(call.caller.email)) throw driveNotFound(driveId);
}

function includesAllDrives(call: Call): boolean {
  return flag(call, 'includeItemsFromAllDrives') || flag(call, 'includeTeamDriveItems');
}

/**
 * Which shared drives a list covers. The rules of `corpora`, `driveId` and `includeItemsFromAllDrives` are those of
 * https://developers.google.com/workspace/drive/api/guides/enable-shareddrives.
 */
function corpus(call: Call): (item: Item) => boolean {
  const driveId = call.query.get('driveId') ?? call.query.get('teamDriveId');
  const corpora = call.query.get('corpora') ?? (driveId === null ? 'user' : '');
  if (!['user', 'domain', 'drive', 'allDrives', ''].includes(corpora)) throw invalidValue('corpora');
  if ((corpora === 'drive') !== (driveId !== null)) {
    throw badRequest('The driveId parameter must be specified if and only if corpora is set to drive.');
  }
  const everywhere = includesAllDrives(call);
  if (everywhere && !supportsAllDrives(call)) {
    throw badRequest(
      'The supportsAllDrives parameter must be set to true when includeItemsFromAllDrives is set to true.',
    );
  }
  if ((corpora === 'drive' || corpora === 'allDrives') && !everywhere) {
    throw new ApiError(
      403,
      'teamDriveIncludeItemsRequired',
      `The includeItemsFromAllDrives parameter must be set to true when corpora is set to ${corpora}.`,
    );
  }
  if (driveId !== null) {
    requireMember(call, driveId);
    return (item) => item.driveId === driveId;
  }
  return (item) => item.driveId === undefined || everywhere;
}

const SORT_KEYS: Readonly<Record<string, (item: Item, call: Call) => string | number>> = {
  name: (item) => item.name.toLowerCase(),
  name_natural: (item) => item.name.toLowerCase(),
  folder: (item) => (item.mimeType === FOLDER ? 0 : 1),
  createdTime: (item) => item.createdTime,
  modifiedTime: (item) => item.modifiedTime,
  modifiedByMeTime: (item) => item.modifiedTime,
  recency: (item) => item.modifiedTime,
  viewedByMeTime: (item) => item.modifiedTime,
  sharedWithMeTime: (item) => item.createdTime,
  starred: (item) => (item.starred ? 0 : 1),
  quotaBytesUsed: (item, call) => call.store.quotaBytes(item),
};

function sorted(call: Call, items: Item[]): Item[] {
  const orderBy = call.query.get('orderBy');
  if (orderBy === null || orderBy === '') return items;
  const natural = new Intl.Collator('en', { numeric: true });
  const orders = orderBy.split(',').map((part) => {
    const [name = '', direction, ...more] = part.trim().split(/\s+/);
    const key = SORT_KEYS[name];
    if (key === undefined || more.length > 0 || (direction !== undefined && direction !== 'desc')) {
      throw invalidValue('orderBy');
    }
    return { key, sign: direction === 'desc' ? -1 : 1, natural: name === 'name_natural' };
  });
  return items.sort((left, right) => {
    for (const { key, sign, natural: byNumber } of orders) {
      const [a, b] = [key(left, call), key(right, call)];
      const difference = byNumber ? natural.compare(String(a), String(b)) : a < b ? -1 : a > b ? 1 : 0;
      if (difference !== 0) return difference * sign;
    }
    return 0;
  });
}

/** The items a query can be about: the children of the one folder it is confined to, or everything. */
function* candidates(call: Call, parent: string | undefined): Generator<Item, void, undefined> {
  if (parent === undefined) {
    yield* call.store.items.values();
    return;
  }
  for (const id of call.store.childIds(parent)) {
    const item = call.store.items.get(id);
    if (item !== undefined) yield item;
  }
}

/** Throws 404 when the one folder that a query is confined to is not there for the caller. */
function checkParent(call: Call, parent: string): void {
  const item = visibleItem(call.store, call.caller, parent, true);
  if (item.driveId !== undefined && !supportsAllDrives(call)) visibleItem(call.store, call.caller, parent, false);
}

/** `files.list`. */
export function listFiles(call: Call): Answer {
  const { store, caller, query } = call;
  const inCorpus = corpus(call);
  const q = query.get('q');
  const wanted = q === null || q.trim() === '' ? undefined : parseQuery(q, store, caller);
  if (wanted?.parent !== undefined) checkParent(call, wanted.parent);
  const purpose = ['files', caller.email, q, query.get('corpora'), query.get('driveId'), query.get('orderBy')].join(
    '\n',
  );
  const page = call.pages.page(purpose, query.get('pageToken'), pageSize(call, 100, 1000), () => {
    const found: Item[] = [];
    for (const item of candidates(call, wanted?.parent)) {
      if (item.parent === undefined || !inCorpus(item)) continue;
      if ((wanted?.test(item) ?? true) && canSee(store, item, caller)) found.push(item);
    }
    return sorted(call, found).map((item) => item.id);
  });
  const selection = inside(call.selection, 'files');
  const files = page.ids.flatMap((id) => {
    const item = store.items.get(id);
    return item === undefined || selection === undefined ? [] : [fileResource(call, item, selection)];
  });
  return {
    kind: 'json',
    value: envelope(call, {
      kind: 'drive#fileList',
      incompleteSearch: false,
      nextPageToken: page.nextPageToken,
      files,
    }),
  };
}

/** The outer fields that were asked for, with the inner ones already picked. */
export function envelope(call: Call, whole: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(whole).filter(([name, value]) => value !== undefined && inside(call.selection, name) !== undefined),
  );
}

/** `changes.getStartPageToken`: from here on. */
export function startPageToken(call: Call): Answer {
  const driveId = call.query.get('driveId');
  if (driveId !== null) requireMember(call, driveId);
  return {
    kind: 'json',
    value: envelope(call, { kind: 'drive#startPageToken', startPageToken: String(call.store.changes.length + 1) }),
  };
}

/**
 * `changes.list` (https://developers.google.com/workspace/drive/api/guides/manage-changes): each file once, at its last
 * change, with its present state. Tokens do not expire.
 */
export function listChanges(call: Call): Answer {
  const token = call.query.get('pageToken') ?? '';
  if (!/^[1-9]\d*$/.test(token)) throw invalidValue('pageToken');
  const { store } = call;
  const driveId = call.query.get('driveId') ?? undefined;
  if (driveId !== undefined) {
    requireMember(call, driveId);
    if (!supportsAllDrives(call) || !includesAllDrives(call)) {
      throw badRequest('supportsAllDrives and includeItemsFromAllDrives must be true when driveId is set.');
    }
  }
  const size = pageSize(call, 100, 1000);
  const changes: JsonObject[] = [];
  let at = Number(token);
  for (; at <= store.changes.length && changes.length < size; at += 1) {
    const change = store.changes[at - 1];
    if (change === undefined || store.lastChangeOf(change.fileId, change.driveId) !== change.sequence) continue;
    if (driveId !== undefined && change.driveId !== driveId) continue;
    if (change.driveId !== undefined && !includesAllDrives(call)) continue;
    const shown = changeResource(call, change);
    if (shown !== undefined) changes.push(shown);
  }
  const more = at <= store.changes.length;
  return {
    kind: 'json',
    value: envelope(call, {
      kind: 'drive#changeList',
      ...(more ? { nextPageToken: String(at) } : { newStartPageToken: String(at) }),
      changes,
    }),
  };
}

function changeResource(call: Call, change: Change): JsonObject | undefined {
  const { store, caller } = call;
  const item = store.items.get(change.fileId);
  const hasLeft = change.gone !== undefined && item !== undefined;
  const there = item !== undefined && canSee(store, item, caller);
  const seen = there && !hasLeft;
  if (!seen && !flag(call, 'includeRemoved') && call.query.get('includeRemoved') !== null) return undefined;
  if (!seen && !sawBefore(call, change, item)) return undefined;
  const selection = inside(call.selection, 'changes');
  if (selection === undefined) return {};
  const file = inside(selection, 'file');
  const whole: JsonObject = {
    kind: 'drive#change',
    changeType: 'file',
    type: 'file',
    time: timestamp(change.time),
    removed: !seen,
    fileId: change.fileId,
    // What left the list of changes is shown only where that is asked for.
    ...(there && (seen || flag(call, 'includeCorpusRemovals')) && file !== undefined
      ? { file: fileResource(call, item, file) }
      : {}),
  };
  return Object.fromEntries(
    Object.entries(whole).filter(([name]) => name === 'file' || inside(selection, name) !== undefined),
  );
}

/** Whether the caller could see what is no longer there for it, so that it learns of the end and of no stranger's. */
function sawBefore(call: Call, change: Change, item: Item | undefined): boolean {
  const { caller } = call;
  const apps = change.gone?.apps ?? item?.apps ?? new Set<string>();
  const emails = change.gone?.emails ?? item?.barred ?? new Set<string>();
  return emails.has(caller.email) && (seesWholeDrive(caller) || apps.has(caller.clientId));
}

/** `drives.list`. */
export function listDrives(call: Call): Answer {
  const members = [...call.store.drives.values()].filter((drive) => drive.members.has(call.caller.email));
  const size = Math.min(pageSize(call, 10, 100), 100);
  const page = call.pages.page(`drives\n${call.caller.email}`, call.query.get('pageToken'), size, () =>
    members.map((drive) => drive.id),
  );
  const drives = members.filter((drive) => page.ids.includes(drive.id)).map((drive) => driveResource(call, drive));
  return {
    kind: 'json',
    value: envelope(call, { kind: 'drive#driveList', nextPageToken: page.nextPageToken, drives }),
  };
}
