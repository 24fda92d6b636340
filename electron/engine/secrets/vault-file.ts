import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors.ts';

/**
 * The vault file: JSON with all secrets in one AES-256-GCM message, the parameters of the key's derivation (which are
 * authenticated with it), a check by which a wrong passphrase is told from damage, and a checksum of the rest.
 */
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

const derivation = z.strictObject({
  name: z.literal('scrypt'),
  // The bounds keep a damaged or forged file from taking all memory.
  N: z
    .int()
    .min(2 ** 14)
    .max(2 ** 20),
  r: z.int().min(1).max(16),
  p: z.int().min(1).max(8),
  salt: base64,
});

const vaultFile = z.strictObject({
  format: z.literal('strongroom vault'),
  version: z.literal(1),
  derivation,
  check: z.string().regex(/^[0-9a-f]{32}$/),
  nonce: base64,
  sealed: base64,
  tag: base64,
  checksum: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Names and values; as pairs, since a name may be one that objects keep to themselves. */
const contents = z.array(z.tuple([z.string(), z.string()]));

export type Derivation = z.infer<typeof derivation>;
export type VaultFile = z.infer<typeof vaultFile>;

/** About a tenth of a second to half a second and 128 MiB for each try at a passphrase. */
export function newDerivation(): Derivation {
  return { name: 'scrypt', N: 2 ** 17, r: 8, p: 1, salt: randomBytes(16).toString('base64') };
}

export function deriveKey(passphrase: string, { N, r, p, salt }: Derivation): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: 2 * 128 * N * r };
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** The file's text with these secrets. */
export function encrypt(
  values: ReadonlyMap<string, string>,
  parameters: Derivation,
  check: string,
  key: Buffer,
): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associated(parameters));
  const sealed = Buffer.concat([cipher.update(JSON.stringify([...values])), cipher.final()]);
  const file: Omit<VaultFile, 'checksum'> = {
    format: 'strongroom vault',
    version: 1,
    derivation: parameters,
    check,
    nonce: nonce.toString('base64'),
    sealed: sealed.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
  return `${JSON.stringify({ ...file, checksum: checksumOf(file) }, undefined, 2)}\n`;
}

/** The secrets of a file whose key is known to be right. Errors: `config-damaged`. */
export function decrypt(file: VaultFile, key: Buffer): Map<string, string> {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(file.nonce, 'base64'), { authTagLength: 16 });
    decipher.setAAD(associated(file.derivation));
    decipher.setAuthTag(Buffer.from(file.tag, 'base64'));
    const text = Buffer.concat([decipher.update(Buffer.from(file.sealed, 'base64')), decipher.final()]).toString();
    return new Map(contents.parse(JSON.parse(text)));
  } catch {
    // Without the cause: what a parser says quotes what it read.
    throw damaged();
  }
}

/** Errors: `config-damaged` for anything but a file as it was written. */
export function parseVaultFile(text: string): VaultFile {
  let file;
  try {
    file = vaultFile.parse(JSON.parse(text));
  } catch {
    throw damaged();
  }
  const { checksum, ...rest } = file;
  if (checksumOf(rest) !== checksum) throw damaged();
  return file;
}

function associated(parameters: Derivation): Buffer {
  const { name, N, r, p, salt } = parameters;
  return Buffer.from(JSON.stringify([1, name, N, r, p, salt]));
}

function checksumOf(file: Omit<VaultFile, 'checksum'>): string {
  const { format, version, check, nonce, sealed, tag } = file;
  const { name, N, r, p, salt } = file.derivation;
  const text = JSON.stringify([format, version, name, N, r, p, salt, check, nonce, sealed, tag]);
  return createHash('sha256').update(text).digest('hex');
}

function damaged(): StrongroomError {
  return new StrongroomError('config-damaged', 'The vault of secrets (vault.json) is damaged.', {
    advice:
      'Put back vault.json from a backup, or move it away and enter the keys of the stores again. It was not changed.',
  });
}
