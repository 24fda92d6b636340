import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SecretKeeper } from './keychain.ts';

/** The secret that holds the key, as base64. */
const keyName = 'seal-key';
const keyLength = 32;
const nonceLength = 12;
const tagLength = 16;
/** First byte of what is sealed: how it was done. */
const format = 1;

export interface Sealer {
  seal(name: string, bytes: Uint8Array): Promise<Uint8Array>;
  open(name: string, sealed: Uint8Array): Promise<Uint8Array | undefined>;
}

/**
 * Authenticated encryption (AES-256-GCM, a random nonce each time) with a key that is made at the first use and kept
 * among the secrets: format byte, 12 bytes nonce, ciphertext, 16 bytes tag. The name is authenticated with it.
 */
export function createSealer(keeper: SecretKeeper): Sealer {
  let making: Promise<Buffer> | undefined;
  const readKey = async (): Promise<Buffer | undefined> => {
    const text = await keeper.get(keyName);
    const bytes = text === undefined ? undefined : Buffer.from(text, 'base64');
    return bytes?.length === keyLength ? bytes : undefined;
  };
  const readOrMakeKey = async (): Promise<Buffer> => {
    const present = await readKey();
    if (present !== undefined) return present;
    const made = randomBytes(keyLength);
    await keeper.set(keyName, made.toString('base64'));
    // Another process may have made one in the same moment.
    return (await readKey()) ?? made;
  };
  /** One at a time, so that two first uses make one key. */
  const keyToSeal = (): Promise<Buffer> => {
    making ??= readOrMakeKey().finally(() => (making = undefined));
    return making;
  };
  return {
    async seal(name, bytes) {
      const used = await keyToSeal();
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', used, nonce, { authTagLength: tagLength });
      cipher.setAAD(Buffer.from(name));
      return Buffer.concat([Buffer.of(format), nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    async open(name, sealed) {
      if (sealed[0] !== format || sealed.length < 1 + nonceLength + tagLength) return undefined;
      const used = await readKey();
      if (used === undefined) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', used, sealed.subarray(1, 1 + nonceLength), {
        authTagLength: tagLength,
      });
      decipher.setAAD(Buffer.from(name));
      decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
      try {
        const opened = decipher.update(sealed.subarray(1 + nonceLength, sealed.length - tagLength));
        return Buffer.concat([opened, decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}
