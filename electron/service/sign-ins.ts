import { randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/domain.ts';
import { codeOf, StrongroomError } from '../../shared/errors.ts';
import { driveSpec, type DriveSpec } from '../../shared/spec.ts';
import type { Engine } from '../engine/engine.ts';
import { oauthClient, parseClientFile, type OAuthClient } from '../engine/signin/client.ts';
import { endpointsOf, type StoreSecret } from '../engine/store-secrets.ts';
import type { Desktop } from './door.ts';

const clientName = 'google/client';
/** Sign-ins that were not used to add a store; the oldest is forgotten. */
const mostKept = 20;

export type SignInEvent =
  { readonly type: 'open'; readonly url: string } | { readonly type: 'signed-in'; readonly ticket: string };

export interface SignInWishes {
  /** An existing store that is to work again. */
  readonly store?: string | undefined;
  readonly client?: string | undefined;
  readonly account?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly allFiles?: boolean | undefined;
}

/** Signing in to Google from the window. What comes of it is kept here, under a ticket, until a store is added with it. */
export class SignIns {
  readonly #engine: Engine;
  readonly #desktop: Desktop;
  readonly #clock: Clock;
  readonly #kept = new Map<string, StoreSecret>();

  constructor(engine: Engine, desktop: Desktop, clock: Clock) {
    this.#engine = engine;
    this.#desktop = desktop;
    this.#clock = clock;
  }

  /** Whether the institution's OAuth client was given before. Where the secrets are locked, nobody knows: no. */
  async hasClient(): Promise<boolean> {
    try {
      return (await this.#client()) !== undefined;
    } catch (error) {
      if (codeOf(error) === 'secret-locked') return false;
      throw error;
    }
  }

  /**
   * Shows Google's page in the system's browser and waits for its answer.
   * Errors: `usage` without a client, or with one that is none; `unknown-name`; those of `signIn`.
   *
   * @param onStore does what is to be done when an existing store got its new sign-in.
   */
  async *signIn(
    wishes: SignInWishes,
    signal: AbortSignal,
    onStore: (name: string, secret: StoreSecret) => Promise<void>,
  ): AsyncGenerator<SignInEvent> {
    const spec = this.#specOf(wishes);
    const client = await this.#clientFor(wishes.client);
    const { signIn } = await import('../engine/signin/sign-in.ts');
    const shown = Promise.withResolvers<string>();
    // Ends the listener for Google's answer also where the window left.
    const left = new AbortController();
    const signingIn = signIn({
      client,
      // Folders and shared drives that people made are seen only with the wider permission.
      scope: wishes.allFiles === true || spec.folder !== 'root' ? 'all-files' : 'own-files',
      ...(spec.account === undefined ? {} : { account: spec.account }),
      clock: this.#clock,
      endpoints: endpointsOf(spec),
      openBrowser: (url) => {
        shown.resolve(url);
        // Where no browser opens, the window shows the address.
        void this.#desktop.openUrl(url).catch(() => undefined);
      },
      signal: AbortSignal.any([signal, left.signal]),
    });
    signingIn.catch(shown.reject);
    try {
      yield { type: 'open', url: await shown.promise };
      const secret = await signingIn;
      if (wishes.store !== undefined) await onStore(wishes.store, secret);
      yield { type: 'signed-in', ticket: this.#keep(secret) };
    } finally {
      left.abort();
    }
  }

  /** What was kept under a ticket. Error: `usage` for one that was used or forgotten. */
  take(ticket: string): StoreSecret {
    const secret = this.#kept.get(ticket);
    if (secret === undefined) {
      throw new StrongroomError('usage', 'The sign-in was not finished, or too long ago.', {
        advice: 'Sign in again.',
      });
    }
    return secret;
  }

  /** A store was added with it. */
  used(ticket: string): void {
    this.#kept.delete(ticket);
  }

  #keep(secret: StoreSecret): string {
    const ticket = randomBytes(24).toString('base64url');
    this.#kept.set(ticket, secret);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    return ticket;
  }

  #specOf({ store, account, endpoint }: SignInWishes): DriveSpec {
    if (store !== undefined) {
      const { spec } = this.#engine.catalog.stores.get(store);
      if (spec.kind === 'drive') return spec;
      throw new StrongroomError('usage', `“${store}” is not in Google Drive, so it needs no sign-in.`, {
        subject: store,
      });
    }
    const parsed = driveSpec.safeParse({
      ...{ kind: 'drive', folder: 'root', path: '' },
      ...(account === undefined ? {} : { account }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    if (parsed.success) return parsed.data;
    throw new StrongroomError('usage', 'The account or the address to sign in at cannot be used.', {
      advice: 'Write the account as an e-mail address.',
    });
  }

  async #clientFor(given: string | undefined): Promise<OAuthClient> {
    if (given !== undefined) {
      const client = parseClientFile(given);
      await (await this.#engine.secrets()).set(clientName, JSON.stringify(client));
      return client;
    }
    const kept = await this.#client();
    if (kept !== undefined) return kept;
    throw new StrongroomError('usage', 'Google has to know the app of your institution before anybody can sign in.', {
      advice: 'Choose the client file that your administrator downloaded from the Google Cloud console.',
    });
  }

  async #client(): Promise<OAuthClient | undefined> {
    const text = await (await this.#engine.secrets()).get(clientName);
    if (text === undefined) return undefined;
    try {
      return oauthClient.parse(JSON.parse(text));
    } catch {
      // Something else than was written: as good as none, and giving it anew puts it right.
      return undefined;
    }
  }
}
