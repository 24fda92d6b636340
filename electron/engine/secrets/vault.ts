import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StrongroomError } from '../../../shared/errors.ts';
import { errnoOf, localWriteCode } from '../platform/failures.ts';
import type { SecretKeeper } from './keychain.ts';
import { passphrase, type PassphraseOptions } from './passphrase.ts';
import {
  decrypt,
  deriveKey,
  encrypt,
  newDerivation,
  parseVaultFile,
  type Derivation,
  type VaultFile,
} from './vault-file.ts';

const fileName = 'vault.json';

export interface VaultOptions extends PassphraseOptions {
  readonly home: string;
}

export async function vaultExists(home: string): Promise<boolean> {
  return stat(join(home, fileName)).then(
    () => true,
    (error: unknown) => errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR',
  );
}

/**
 * The encrypted file. It is read anew for every call, since another door to the engine may have written it, and
 * written whole: temporary file, sync, rename. Calls of one process go one after the other; two processes that write
 * at the same moment are kept from harming the file, but the later one wins.
 *
 * The passphrase is needed at the first call, and kept only as the key that it gives.
 */
export function openVault(options: VaultOptions): SecretKeeper {
  const path = join(options.home, fileName);
  let turn: Promise<unknown> = Promise.resolve();
  let known: { readonly derivation: Derivation; readonly key: Buffer } | undefined;

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result.catch((error: unknown) => {
      throw translated(error);
    });
  };

  const keyFor = async (derivation: Derivation, isNew: boolean): Promise<Buffer> => {
    if (known?.derivation.salt === derivation.salt) return known.key;
    return deriveKey(await passphrase(options, isNew), derivation);
  };

  const read = async (): Promise<Map<string, string> | undefined> => {
    const file = await load(path);
    if (file === undefined) return undefined;
    const key = await keyFor(file.derivation, false);
    if (!sameText(checkOf(key), file.check)) throw wrongPassphrase();
    const values = decrypt(file, key);
    known = { derivation: file.derivation, key };
    return values;
  };

  const write = async (values: ReadonlyMap<string, string>): Promise<void> => {
    if (known === undefined) {
      const derivation = newDerivation();
      known = { derivation, key: await keyFor(derivation, true) };
    }
    await save(options.home, path, encrypt(values, known.derivation, checkOf(known.key), known.key));
  };

  return {
    get: (name) => inTurn(async () => (await read())?.get(name)),
    set: (name, value) =>
      inTurn(async () => {
        const values = (await read()) ?? forget();
        await write(values.set(name, value));
      }),
    remove: (name) =>
      inTurn(async () => {
        const values = await read();
        if (values?.delete(name) === true) await write(values);
      }),
  };

  /** For a vault that is not there (any more): a new one gets a new salt and asks for its passphrase. */
  function forget(): Map<string, string> {
    known = undefined;
    return new Map();
  }
}

/** What tells a wrong passphrase from a damaged file. It gives nothing away that a try at decrypting would not. */
function checkOf(key: Buffer): string {
  return createHmac('sha256', key).update('strongroom vault check').digest('hex').slice(0, 32);
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

async function load(path: string): Promise<VaultFile | undefined> {
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
  return parseVaultFile(text);
}

async function save(home: string, path: string, text: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const temp = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temp, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temp, path);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  await syncFolder(home);
}

/** Makes the new name durable, where the system lets a folder be opened for that. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync();
  } catch (error) {
    if (errnoOf(error) === 'EIO') throw error;
  } finally {
    await handle?.close();
  }
}

function wrongPassphrase(): StrongroomError {
  return new StrongroomError('secret-locked', 'The passphrase does not open the vault.', {
    advice:
      'Check STRONGROOM_VAULT_PASSPHRASE or the file named by STRONGROOM_VAULT_PASSPHRASE_FILE, or type it again.',
  });
}

function translated(error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || error instanceof StrongroomError) return error;
  return new StrongroomError(localWriteCode(errno), `The vault of secrets could not be read or written (${errno}).`, {
    cause: error,
  });
}
