import { platformOf, type Platform } from '../platform/platform.ts';
import { createSealer } from './sealer.ts';
import { openKeychain, type SecretKeeper } from './keychain.ts';
import { openVault, vaultExists } from './vault.ts';
import { StrongroomError } from '../../../shared/errors.ts';

/**
 * What must not be seen by others: keys, tokens, passphrases. They are in the system's keychain or in the encrypted
 * vault file and nowhere else; no error of this part holds one.
 *
 * Errors of every method: `secret-locked` (the keychain is locked, or the vault's passphrase is missing or wrong),
 * `config-damaged` (the vault file is not as it was written; it is never written over), `disk-full`,
 * `disk-read-only`, `disk-error`.
 */
export interface Secrets {
  readonly kind: 'keychain' | 'vault';
  get(name: string): Promise<string | undefined>;
  /** Durable when it resolves. */
  set(name: string, value: string): Promise<void>;
  /** One that is not there is fine. */
  remove(name: string): Promise<void>;
  /**
   * Encrypts a small piece of data that is kept elsewhere, such as an upload session's address in the catalog.
   *
   * @param name what it is for; needed again to open it.
   */
  seal(name: string, bytes: Uint8Array): Promise<Uint8Array>;
  /** The data again; `undefined` where it was sealed with another key or name, or was changed. */
  open(name: string, sealed: Uint8Array): Promise<Uint8Array | undefined>;
}

export interface SecretsOptions {
  /** The folder of the app's own data. */
  readonly home: string;
  /** The process's environment: STRONGROOM_SECRETS, STRONGROOM_VAULT_PASSPHRASE, STRONGROOM_VAULT_PASSPHRASE_FILE. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asks a person without showing the answer; `undefined` where they give none. */
  readonly ask?: (question: string) => Promise<string | undefined>;
  readonly platform?: Platform;
}

/**
 * Opens the keychain, or the vault where there is no keychain or a vault is in use already (so that secrets do not
 * seem lost when a keychain appears). STRONGROOM_SECRETS=keychain or =vault decides instead. The vault's passphrase is
 * asked for when it is first needed, not here.
 *
 * Errors: `usage` for another value of STRONGROOM_SECRETS; `secret-locked` where the keychain is demanded and there
 * is none.
 */
export async function openSecrets(options: SecretsOptions): Promise<Secrets> {
  const forced = options.environment['STRONGROOM_SECRETS'] ?? '';
  if (!['', 'keychain', 'vault'].includes(forced)) {
    throw new StrongroomError('usage', 'STRONGROOM_SECRETS is neither "keychain" nor "vault".');
  }
  const platform = options.platform ?? platformOf(process.platform);
  const wanted = forced === 'keychain' || (forced === '' && !(await vaultExists(options.home)));
  const keychain = wanted ? await openKeychain(platform) : undefined;
  if (keychain === undefined && forced === 'keychain') {
    throw new StrongroomError('secret-locked', 'The keychain of this system cannot be used.', {
      advice: 'Unlock it or sign in to the desktop, or set STRONGROOM_SECRETS=vault to use an encrypted file instead.',
    });
  }
  return keychain === undefined ? secretsOf('vault', openVault(options)) : secretsOf('keychain', keychain);
}

function secretsOf(kind: Secrets['kind'], keeper: SecretKeeper): Secrets {
  const sealer = createSealer(keeper);
  return {
    kind,
    get: (name) => keeper.get(name),
    set: (name, value) => keeper.set(name, value),
    remove: (name) => keeper.remove(name),
    seal: (name, bytes) => sealer.seal(name, bytes),
    open: (name, sealed) => sealer.open(name, sealed),
  };
}
