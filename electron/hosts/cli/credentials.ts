import { spawn } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors.ts';
import type { DriveSpec, StoreSpec } from '../../../shared/spec.ts';
import { endpointsOf, type StoreSecret } from '../../engine/store-secrets.ts';
import type { Context } from './context.ts';
import { askHidden } from './terminal.ts';

const keyFile = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1).optional(),
});

export interface KeyOptions {
  readonly askKey?: boolean;
  readonly keyFile?: string;
  readonly client?: string;
  readonly allFiles?: boolean;
}

/**
 * What a person gives once to sign in to a store: by prompt, by file, or in the browser; never as an argument, which other
 * users of the computer could read. `undefined` where the store is to look for a key where its vendor's tools do.
 */
export async function givenSecret(
  context: Context,
  spec: StoreSpec,
  options: KeyOptions,
): Promise<StoreSecret | undefined> {
  switch (spec.kind) {
    case 'folder':
      return undefined;
    case 's3':
      if (options.keyFile !== undefined) return readKeyFile(options.keyFile);
      return options.askKey === true ? askKey() : undefined;
    case 'drive':
      return options.keyFile === undefined
        ? signInToDrive(context, spec, options)
        : readServiceAccount(options.keyFile);
  }
}

async function signInToDrive(context: Context, spec: DriveSpec, options: KeyOptions): Promise<StoreSecret> {
  const { parseClientFile } = await import('../../engine/signin/client.ts');
  if (options.client === undefined) {
    throw new StrongroomError('usage', 'Google Drive needs a sign-in.', {
      advice:
        "Name your institution's client with --client <file> to sign in with the browser, or the key file of a service account with --key-file <file>.",
    });
  }
  const client = parseClientFile(readText(options.client));
  const { signIn } = await import('../../engine/signin/sign-in.ts');
  return signIn({
    client,
    // Folders and shared drives that people made are seen only with the wider permission.
    scope: options.allFiles === true || spec.folder !== 'root' ? 'all-files' : 'own-files',
    ...(spec.account === undefined ? {} : { account: spec.account }),
    clock: context.clock,
    endpoints: endpointsOf(spec),
    openBrowser: (url) => {
      context.say(`Sign in with the browser. If none opens, go to:\n  ${url}`);
      openBrowser(url);
    },
    signal: context.signal,
  });
}

/** Shows an address in the system's browser, where there is one. */
function openBrowser(url: string): void {
  const [program = 'xdg-open', ...args] =
    process.platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler']
      : process.platform === 'darwin'
        ? ['open']
        : ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  // Without a browser, the address that was printed has to do.
  child.on('error', () => undefined);
  child.unref();
}

async function readServiceAccount(file: string): Promise<StoreSecret> {
  const { parseKeyFile } = await import('../../engine/signin/client.ts');
  return parseKeyFile(readText(file));
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    throw new StrongroomError('usage', `The file ${file} cannot be read.`, {
      subject: file,
      advice: 'Check its name and who may read it.',
    });
  }
}

async function askKey(): Promise<StoreSecret> {
  const accessKeyId = await askHidden('Access key id: ');
  const secretAccessKey = await askHidden('Secret access key: ');
  if (accessKeyId === undefined || secretAccessKey === undefined || accessKeyId === '' || secretAccessKey === '') {
    throw new StrongroomError('usage', 'No key was given.', {
      advice:
        'Type it when asked (on a terminal), or put it into a file for --key-file as {"accessKeyId": "…", "secretAccessKey": "…"}.',
    });
  }
  return { kind: 'key', accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() };
}

function readKeyFile(file: string): StoreSecret {
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
  return { kind: 'key', accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
