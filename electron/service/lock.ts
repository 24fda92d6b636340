import { codeOf } from '../../shared/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { vaultExists } from '../engine/secrets/vault.ts';

const probe = 'service/unlocked';

/** The vault of secrets, where this computer has no keychain: a person gives its passphrase in the window. */
export class Lock {
  readonly #home: string;
  /** Whether the environment gives the passphrase: then nobody is asked, and no other would be taken. */
  readonly #given: boolean;
  #passphrase: string | undefined;

  constructor(home: string, environment: Readonly<Record<string, string | undefined>>) {
    this.#home = home;
    const names = ['STRONGROOM_VAULT_PASSPHRASE', 'STRONGROOM_VAULT_PASSPHRASE_FILE'];
    this.#given = names.some((name) => (environment[name] ?? '') !== '');
  }

  /** Answers the engine when it asks for the passphrase; a new vault's is asked for twice. */
  readonly ask = (): Promise<string | undefined> => Promise.resolve(this.#passphrase);

  /** Takes a passphrase unproven; whatever opens the vault next proves it. */
  give(passphrase: string): void {
    this.#passphrase = passphrase;
  }

  /** Where secrets are kept, and whether they can be had now. */
  async state(engine: Engine): Promise<'keychain' | 'vault' | 'locked-vault' | 'no-vault'> {
    const secrets = await engine.secrets();
    if (secrets.kind === 'keychain') return 'keychain';
    if (!(await vaultExists(this.#home))) return this.#given || this.#passphrase !== undefined ? 'vault' : 'no-vault';
    try {
      await secrets.get(probe);
      return 'vault';
    } catch (error) {
      if (codeOf(error) === 'secret-locked') return 'locked-vault';
      throw error;
    }
  }

  /**
   * Takes a passphrase, and proves that it opens the vault; where there is none yet, it makes one.
   * Errors: `secret-locked` for one that does not open it or is too short for a new one, `config-damaged`, `disk-*`.
   */
  async unlock(engine: Engine, passphrase: string): Promise<void> {
    const before = this.#passphrase;
    this.#passphrase = passphrase;
    try {
      const secrets = await engine.secrets();
      if (secrets.kind === 'keychain') return;
      if (await vaultExists(this.#home)) {
        await secrets.get(probe);
      } else {
        await secrets.set(probe, 'yes');
        await secrets.remove(probe);
      }
    } catch (error) {
      this.#passphrase = before;
      throw error;
    }
  }
}
