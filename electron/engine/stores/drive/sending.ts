import { StrongroomError } from '../../../../shared/errors.ts';
import type { PutRequest } from '../store.ts';
import type { CallContext, FileMetadata, MoveTo } from './api.ts';
import { DriveError } from './errors.ts';
import type { OwnFile } from './places.ts';
import { recordOf, sameVersion } from './record.ts';
import type { Parts } from './retiring.ts';
import type { DriveFile } from './schema.ts';

/** What is to be sent: to a new file, or as the next revision of one. */
export interface Sending {
  readonly request: PutRequest;
  /** The file that gets a new revision; `undefined` where one is made. */
  readonly current: OwnFile | undefined;
  /** The id of the file that is made. */
  readonly newId: string | undefined;
  readonly metadata: FileMetadata;
  readonly move: MoveTo | undefined;
}

/** The file that an earlier attempt made under this id, where a create is refused because the id is in use. */
export async function madeBefore(
  parts: Parts,
  request: PutRequest,
  newId: string | undefined,
  error: unknown,
  context: CallContext,
): Promise<DriveFile> {
  if (!(error instanceof DriveError) || error.status !== 409 || newId === undefined) throw error;
  const file = await parts.connection.api.file(newId, context);
  const record = file === undefined ? undefined : recordOf(file);
  if (file === undefined || record === undefined || !sameVersion(record, request.version)) {
    // Made for another version, or already gone again: the next attempt looks at the place anew.
    parts.places.settled(await parts.places.tag(request.place, context.signal));
    throw new StrongroomError('store-busy', `${request.place.path} was written twice at once; it is looked at again.`, {
      subject: request.place.path,
      advice: 'Strongroom tries again by itself.',
    });
  }
  return file;
}
