import fs from 'node:fs';
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors.ts';
import type { StoreCredentials } from '../../engine/stores/open.ts';
import { askHidden } from './terminal.ts';

const keyFile = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1).optional(),
});

export interface KeyOptions {
  readonly askKey?: boolean;
  readonly keyFile?: string;
}

/** A key that a person gives once, by prompt or file; never as an argument, which other users of the computer could read. */
export async function givenCredentials(options: KeyOptions): Promise<StoreCredentials | undefined> {
  if (options.keyFile !== undefined) return readKeyFile(options.keyFile);
  if (options.askKey !== true) return undefined;
  const accessKeyId = await askHidden('Access key id: ');
  const secretAccessKey = await askHidden('Secret access key: ');
  if (accessKeyId === undefined || secretAccessKey === undefined || accessKeyId === '' || secretAccessKey === '') {
    throw new StrongroomError('usage', 'No key was given.', {
      advice:
        'Type it when asked (on a terminal), or put it into a file for --key-file as {"accessKeyId": "…", "secretAccessKey": "…"}.',
    });
  }
  return { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() };
}

function readKeyFile(file: string): StoreCredentials {
  let content: unknown;
  try {
    content = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    // The parser's message would quote the file, and with it the key.
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new StrongroomError('usage', `The key file ${file} ${why}.`, {
      subject: file,
      advice: 'Write {"accessKeyId": "…", "secretAccessKey": "…"}.',
    });
  }
  const parsed = keyFile.safeParse(content);
  if (!parsed.success) {
    throw new StrongroomError('usage', `The key file ${file} lacks accessKeyId or secretAccessKey.`, {
      subject: file,
      advice: 'Write {"accessKeyId": "…", "secretAccessKey": "…"}.',
    });
  }
  const { accessKeyId, secretAccessKey, sessionToken } = parsed.data;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
