import { readFile } from 'node:fs/promises';
import { StrongroomError } from '../../../shared/errors.ts';

export interface PassphraseOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask?: (question: string) => Promise<string | undefined>;
}

/** The fewest characters of a new vault's passphrase. */
const shortest = 8;

/**
 * The vault's passphrase: STRONGROOM_VAULT_PASSPHRASE, the first line of the file that STRONGROOM_VAULT_PASSPHRASE_FILE
 * names, or what a person answers, in this order.
 *
 * @param isNew whether it becomes the passphrase of a new vault: then a person is asked twice.
 * Errors: `secret-locked` where there is none, or none that a new vault could have.
 */
export async function passphrase(options: PassphraseOptions, isNew: boolean): Promise<string> {
  const given = await find(options, isNew);
  if (given === undefined || given === '') {
    throw locked('The vault of secrets needs its passphrase, and none was given.');
  }
  if (isNew && Array.from(given).length < shortest) {
    throw locked(`The passphrase of a new vault needs at least ${shortest} characters.`);
  }
  return given;
}

async function find(options: PassphraseOptions, isNew: boolean): Promise<string | undefined> {
  const direct = options.environment['STRONGROOM_VAULT_PASSPHRASE'];
  if (direct !== undefined && direct !== '') return direct;
  const file = options.environment['STRONGROOM_VAULT_PASSPHRASE_FILE'];
  if (file !== undefined && file !== '') {
    try {
      return (await readFile(file, 'utf8')).split(/\r?\n/, 1)[0];
    } catch (cause) {
      throw new StrongroomError('secret-locked', `The passphrase file ${file} cannot be read.`, { cause });
    }
  }
  if (options.ask === undefined) return undefined;
  if (!isNew) return options.ask('Passphrase of the vault of secrets');
  const first = await options.ask('New passphrase for the vault of secrets');
  if (first === undefined || first === '') return undefined;
  if ((await options.ask('The same passphrase again')) !== first) throw locked('The two passphrases are not the same.');
  return first;
}

function locked(message: string): StrongroomError {
  return new StrongroomError('secret-locked', message, {
    advice:
      'Set STRONGROOM_VAULT_PASSPHRASE, or name a file that holds it in STRONGROOM_VAULT_PASSPHRASE_FILE, or start Strongroom in a terminal.',
  });
}
