import { randomBytes } from 'node:crypto';
import { StrongroomError } from '../../../shared/errors.ts';
import type { Platform } from '../platform/platform.ts';

/** A place for secrets by name. */
export interface SecretKeeper {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** One password of the system's keychain. Every method fails where the keychain is locked or gone. */
export interface KeychainEntry {
  get(): Promise<string | undefined>;
  set(value: string): Promise<void>;
  remove(): Promise<void>;
}

/** Under which all entries are listed in the system's own keychain window. */
const service = 'Strongroom';
const probeName = 'probe';
const probeMs = 10_000;

/**
 * Windows holds 2,560 bytes of UTF-16 an entry. Longer values are cut into parts, and the entry itself says so.
 * https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw (CRED_MAX_CREDENTIAL_BLOB_SIZE)
 */
const partLength = 1200;
const partsMark = /^\u0001parts:([0-9a-f]{16}):(\d{1,3})$/;

/** The system's keychain; `undefined` where there is none that answers a harmless question. */
export async function openKeychain(platform: Platform): Promise<SecretKeeper | undefined> {
  try {
    const { AsyncEntry } = await import('keytar');
    const entry = (name: string): KeychainEntry => {
      // Linux: without this the library falls back to the kernel's memory, which forgets at a restart.
      const options = platform === 'linux' ? { linux: { store: 'secret-service' as const } } : {};
      const password = new AsyncEntry(service, name, options);
      return {
        get: async () => (await password.getPassword()) ?? undefined,
        set: (value) => password.setPassword(value),
        remove: async () => {
          await password.deletePassword();
        },
      };
    };
    await within(probeMs, entry(probeName).get());
    return keychainOf(entry);
  } catch {
    // No library for this machine, no keychain service, or nobody signed in to it.
    return undefined;
  }
}

/** Secrets as keychain entries. Errors: `secret-locked`, without the keychain's own words, which are not ours to vouch for. */
export function keychainOf(entry: (name: string) => KeychainEntry): SecretKeeper {
  async function partsOf(
    name: string,
  ): Promise<{ readonly head: string | undefined; readonly parts: readonly string[] }> {
    const head = await entry(name).get();
    const match = head === undefined ? null : partsMark.exec(head);
    const count = Number(match?.[2] ?? 0);
    return { head, parts: Array.from({ length: count }, (_, index) => `${name}#${match?.[1] ?? ''}.${index}`) };
  }
  const removeParts = async (parts: readonly string[]): Promise<void> => {
    for (const part of parts) await entry(part).remove();
  };
  return {
    get: (name) =>
      answered(async () => {
        const { head, parts } = await partsOf(name);
        if (parts.length === 0) return head;
        const texts = [];
        for (const part of parts) texts.push(await entry(part).get());
        return texts.includes(undefined) ? undefined : texts.join('');
      }),
    set: (name, value) =>
      answered(async () => {
        const before = await partsOf(name);
        if (value.length <= partLength && !partsMark.test(value)) {
          await entry(name).set(value);
        } else {
          // New parts beside the old ones, then the head that names them: at no time is the value half of each.
          const id = randomBytes(8).toString('hex');
          const count = Math.ceil(value.length / partLength);
          for (let index = 0; index < count; index += 1) {
            await entry(`${name}#${id}.${index}`).set(value.slice(index * partLength, (index + 1) * partLength));
          }
          await entry(name).set(`\u0001parts:${id}:${count}`);
        }
        await removeParts(before.parts);
      }),
    remove: (name) =>
      answered(async () => {
        const { head, parts } = await partsOf(name);
        if (head !== undefined) await entry(name).remove();
        await removeParts(parts);
      }),
  };
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    throw new StrongroomError('secret-locked', 'The keychain of this system did not answer.', {
      advice: 'Unlock the keychain (sign in to the desktop) and try again.',
    });
  }
}

/** The result, or a failure after so many milliseconds: a keychain service that hangs is none. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StrongroomError('secret-locked', 'The keychain did not answer.')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
