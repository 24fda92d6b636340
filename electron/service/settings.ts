import { z } from 'zod';
import { settings as settingsSchema, type Settings } from '../../shared/contract/shapes.ts';
import { StrongroomError } from '../../shared/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Desktop } from './door.ts';

const setting = 'settings';
const passwordName = 'email/password';

const defaults: Settings = {
  startAtLogin: false,
  notifications: true,
  appearance: 'system',
  updates: 'ask',
  updatesUrl: null,
  email: null,
  pingUrl: null,
};

export type SettingsChange = { readonly [Key in keyof Settings]?: Settings[Key] | undefined } & {
  readonly emailPassword?: string | undefined;
};

/** The settings of the app, kept in the catalog; the password for e-mail is kept among the secrets. */
export class AppSettings {
  readonly #engine: Engine;
  readonly #desktop: Desktop;

  constructor(engine: Engine, desktop: Desktop) {
    this.#engine = engine;
    this.#desktop = desktop;
  }

  /** One that an older Strongroom did not know, or that cannot be read, is as it comes. */
  get(): Settings {
    const kept = z.record(z.string(), z.unknown()).catch({}).parse(this.#engine.catalog.settings.get(setting));
    return settingsSchema.catch(defaults).parse({ ...defaults, ...kept });
  }

  /** Errors: `usage` where this door cannot start the app at login; those of the secrets. */
  async set(change: SettingsChange): Promise<Settings> {
    const { emailPassword, ...given } = change;
    const before = this.get();
    const next = settingsSchema.parse({
      ...before,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    });
    if (next.startAtLogin !== before.startAtLogin) await this.#startAtLogin(next.startAtLogin);
    const password = await this.#keepPassword(next, emailPassword);
    const email = next.email === null ? null : { ...next.email, hasPassword: password };
    const kept = { ...next, email };
    this.#engine.catalog.settings.set(setting, kept);
    return kept;
  }

  /** `undefined` where none is kept. Errors: those of the secrets. */
  async emailPassword(): Promise<string | undefined> {
    return (await this.#engine.secrets()).get(passwordName);
  }

  /** @returns whether there is a password now. An empty one forgets the one that was kept. */
  async #keepPassword(next: Settings, given: string | undefined): Promise<boolean> {
    const forget = next.email === null || given === '';
    if (given === undefined && !forget) return this.get().email?.hasPassword ?? false;
    if (forget && this.get().email?.hasPassword !== true) return false;
    const secrets = await this.#engine.secrets();
    if (forget || given === undefined) {
      await secrets.remove(passwordName);
      return false;
    }
    await secrets.set(passwordName, given);
    return true;
  }

  async #startAtLogin(on: boolean): Promise<void> {
    if (this.#desktop.setStartAtLogin === undefined) {
      throw new StrongroomError('usage', 'Strongroom cannot start by itself here: it runs without its desktop app.', {
        advice: 'Install the desktop app, or have your system start “strongroom serve”.',
      });
    }
    await this.#desktop.setStartAtLogin(on);
  }
}
