import { requireRole, visibleItem } from './access.ts';
import { pageSize, pathValue, type Answer, type Call } from './call.ts';
import { ApiError, fieldNotWritable, revisionNotFound } from './errors.ts';
import { inside, pick } from './fields.ts';
import { notDownloadable } from './files.ts';
import { envelope } from './lists.ts';
import { FOLDER, headOf, isBlob, SHORTCUT, type Item, type Revision } from './model.ts';
import { rangeOf } from './range.ts';
import { revisionResource } from './resources.ts';

/**
 * Revisions (https://developers.google.com/workspace/drive/api/guides/manage-revisions). None of these methods has a
 * `supportsAllDrives` parameter: they reach shared drives without it.
 */
function fileWithRevisions(call: Call): Item {
  const item = visibleItem(call.store, call.caller, pathValue(call, 'fileId'), true);
  requireRole(call.store, item, call.caller, 'writer');
  if (item.mimeType === FOLDER || item.mimeType === SHORTCUT) {
    throw new ApiError(403, 'revisionsNotSupported', 'The file does not support revisions.');
  }
  call.store.prune(item);
  return item;
}

function revisionOf(call: Call, item: Item): Revision {
  const id = pathValue(call, 'revisionId');
  const found = id === 'head' ? headOf(item) : item.revisions.find((revision) => revision.id === id);
  if (found === undefined) throw revisionNotFound(id);
  return found;
}

function answer(call: Call, item: Item, revision: Revision | undefined): Answer {
  return {
    kind: 'json',
    value: pick(revisionResource(call, item, revision), call.selection) as Record<string, unknown>,
  };
}

/** `revisions.list`, oldest first. */
export function listRevisions(call: Call): Answer {
  const item = fileWithRevisions(call);
  const selection = inside(call.selection, 'revisions');
  const size = pageSize(call, 200, 1000);
  const page = call.pages.page(`revisions\n${item.id}`, call.query.get('pageToken'), size, () =>
    item.revisions.map((revision) => revision.id),
  );
  const shown = isBlob(item)
    ? page.ids.flatMap((id) => item.revisions.find((revision) => revision.id === id) ?? [])
    : [undefined];
  const revisions =
    selection === undefined ? [] : shown.map((one) => pick(revisionResource(call, item, one), selection));
  return {
    kind: 'json',
    value: envelope(call, { kind: 'drive#revisionList', nextPageToken: page.nextPageToken, revisions }),
  };
}

/** `revisions.get`. Of the bytes only the head's and those of pinned revisions can be had. */
export function getRevision(call: Call): Answer {
  const item = fileWithRevisions(call);
  const media = call.query.get('alt') === 'media';
  if (!isBlob(item)) {
    if (media) throw notDownloadable();
    if (pathValue(call, 'revisionId') !== String(item.version)) throw revisionNotFound(pathValue(call, 'revisionId'));
    return answer(call, item, undefined);
  }
  const revision = revisionOf(call, item);
  if (!media) return answer(call, item, revision);
  if (!revision.keepForever && revision !== headOf(item)) {
    throw new ApiError(
      403,
      'download_restricted_for_revision',
      'This revision cannot be downloaded by the authenticated user.',
    );
  }
  const { content, mimeType } = revision;
  return { kind: 'bytes', content, mimeType, ...rangeOf(call.range, content.size) };
}

/** `revisions.update`: pins. What is pinned stays pinned. */
export function updateRevision(call: Call): Answer {
  const item = fileWithRevisions(call);
  const unknown = Object.keys(call.body).filter((name) => !['keepForever', 'kind'].includes(name));
  if (unknown.length > 0 || !isBlob(item)) throw fieldNotWritable();
  const revision = revisionOf(call, item);
  const keepForever = call.body['keepForever'];
  if (keepForever === false && revision.keepForever) {
    throw new ApiError(
      400,
      'illegalKeepForeverModification',
      'Bad Request. Cannot update a revision to false that is marked as keepForever.',
    );
  }
  if (keepForever === true) call.store.pin(item, revision);
  return answer(call, item, revision);
}

/** `revisions.delete`: any but the last one left. Where the head goes, the one before it is current again. */
export function deleteRevision(call: Call): Answer {
  const item = fileWithRevisions(call);
  if (!isBlob(item)) {
    throw new ApiError(
      403,
      'revisionDeletionNotSupported',
      'Deleting revisions is only supported for files with binary content.',
    );
  }
  const revision = revisionOf(call, item);
  if (item.revisions.length === 1) {
    throw new ApiError(403, 'cannotDeleteOnlyRevision', 'A file must have at least one revision.');
  }
  call.store.removeRevision(item, revision);
  return { kind: 'nothing' };
}
