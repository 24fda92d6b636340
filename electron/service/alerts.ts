import { z } from 'zod';
import { told } from '../../shared/away.ts';
import type { Attention, Settings } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import { StrongroomError } from '../../shared/errors.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';
import type { Figures } from './figures.ts';
import type { AppSettings } from './settings.ts';
import type { Timers } from './timers.ts';

/** What comes within this time is one message, in milliseconds. */
const groupMs = 60_000;
/** A message that could not be sent is tried again after so long. */
const againMs = 15 * 60_000;
const pingEveryMs = 60_000;
const patienceMs = 30_000;
const setting = 'alerts-told';

type Email = NonNullable<Settings['email']>;

/**
 * Tells a person who does not look: an e-mail when they are needed, once for the same thing, and a ping after every run
 * in which all was well, so that silence can be noticed by whoever listens.
 */
export class Alerts {
  readonly #catalog: Catalog;
  readonly #settings: AppSettings;
  readonly #figures: Figures;
  readonly #computer: string;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #told: Set<string>;
  #callOff: () => void = () => undefined;
  /** Whether a message is about to be sent, or being sent. */
  #pending = false;
  #attention: readonly Attention[] = [];
  #pingedAt: Instant | undefined;
  readonly #sending = new Set<Promise<void>>();
  /** Why the last message or ping could not be sent, for the diagnostics. */
  lastFailure: StrongroomError | undefined;

  constructor(options: {
    readonly catalog: Catalog;
    readonly settings: AppSettings;
    readonly figures: Figures;
    /** The name of this computer, so that whoever gets messages of several knows which it is. */
    readonly computer: string;
    readonly clock: Clock;
    readonly timers: Timers;
  }) {
    this.#catalog = options.catalog;
    this.#settings = options.settings;
    this.#figures = options.figures;
    this.#computer = options.computer;
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#told = new Set(z.array(z.string()).catch([]).parse(options.catalog.settings.get(setting)));
  }

  /** How things stand now. */
  look({ attention }: { readonly attention: readonly Attention[] }): void {
    this.#attention = attention;
    const open = new Set(attention.map(({ id }) => id));
    const settled = [...this.#told].filter((id) => !open.has(id));
    if (settled.length > 0) {
      for (const id of settled) this.#told.delete(id);
      this.#keep();
    }
    if (this.#untold().length === 0 || this.#pending || this.#settings.get().email === null) return;
    this.#sendAt(this.#clock.now() + groupMs);
  }

  /** A run has ended in which all was well. */
  roundWasGood(): void {
    const { pingUrl } = this.#settings.get();
    const now = this.#clock.now();
    if (pingUrl === null || (this.#pingedAt !== undefined && now - this.#pingedAt < pingEveryMs)) return;
    this.#pingedAt = now;
    this.#do(() => ping(pingUrl));
  }

  /** Errors: `usage`, saying what the mail server objects to; those of the secrets. */
  async testEmail(): Promise<void> {
    const { email } = this.#settings.get();
    if (email === null) throw new StrongroomError('usage', 'No e-mail server is set.', { advice: 'Enter one first.' });
    await this.#send(email, 'Strongroom can reach you', [
      `This is a test from Strongroom on ${this.#computer}.`,
      'It will write to you when something needs a person, and only then.',
    ]);
  }

  /** Error: `usage`, saying what the address answered. */
  async testPing(): Promise<void> {
    const { pingUrl } = this.#settings.get();
    if (pingUrl === null) throw new StrongroomError('usage', 'No ping address is set.', { advice: 'Enter one first.' });
    await ping(pingUrl);
  }

  /** Waits for what is being sent. */
  async close(): Promise<void> {
    this.#callOff();
    await Promise.all(this.#sending);
  }

  #untold(): Attention[] {
    return this.#attention.filter(({ id }) => !this.#told.has(id));
  }

  #keep(): void {
    this.#catalog.settings.set(setting, [...this.#told]);
  }

  #sendAt(instant: Instant): void {
    this.#pending = true;
    this.#callOff = this.#timers.at(instant, () => {
      const untold = this.#untold();
      const { email } = this.#settings.get();
      if (email !== null && untold.length > 0) this.#do(() => this.#tell(email, untold));
      else this.#pending = false;
    });
  }

  async #tell(email: Email, untold: readonly Attention[]): Promise<void> {
    const things = told(untold, (value) => this.#figures.number(value));
    const [first] = things;
    const subject =
      things.length === 1 ? (first?.title ?? '') : `${this.#figures.count(things.length, 'thing')} need you`;
    const lines = things.flatMap(({ title, detail }) => [`* ${title}`, `  ${detail}`, '']);
    try {
      await this.#send(email, `Strongroom: ${subject}`, [
        `Strongroom on ${this.#computer} needs a person:`,
        '',
        ...lines,
        'Open Strongroom there: its first page has a button for each of these.',
      ]);
    } catch (error) {
      this.#sendAt(this.#clock.now() + againMs);
      throw error;
    }
    for (const { id } of untold) this.#told.add(id);
    this.#keep();
    this.#pending = false;
    // What came meanwhile is the next message.
    this.look({ attention: this.#attention });
  }

  async #send(email: Email, subject: string, lines: readonly string[]): Promise<void> {
    const { host, port, secure, user, from, to } = email;
    const password = email.hasPassword ? await this.#settings.emailPassword() : undefined;
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port,
      secure,
      // A password never goes over a network in the open.
      requireTLS: !secure && password !== undefined && !/^(localhost|127\.|\[?::1)/.test(host),
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      socketTimeout: patienceMs,
      ...(user === '' || password === undefined ? {} : { auth: { user, pass: password } }),
    });
    try {
      await transport.sendMail({ from, to, subject: oneLine(subject), text: `${lines.join('\n')}\n` });
    } catch (error) {
      throw mailFailure(host, error);
    } finally {
      transport.close();
    }
  }

  #do(work: () => Promise<void>): void {
    const doing = work()
      .then(
        () => {
          this.lastFailure = undefined;
        },
        (error: unknown) => {
          this.lastFailure =
            error instanceof StrongroomError ? error : new StrongroomError('internal', 'a message could not be sent');
        },
      )
      .finally(() => this.#sending.delete(doing));
    this.#sending.add(doing);
  }
}

/** A name with line breaks must not become a header of its own. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
}

/** Asks for the address. Error: `usage` where it cannot be reached or does not answer well. */
async function ping(url: string): Promise<void> {
  let status: number;
  try {
    const { request } = await import('undici');
    const answer = await request(url, { signal: AbortSignal.timeout(patienceMs) });
    status = answer.statusCode;
    await answer.body.dump();
  } catch {
    throw new StrongroomError('usage', `The ping address at ${new URL(url).host} cannot be reached.`, {
      advice: 'Compare the address with the one that the service gave you.',
    });
  }
  if (status >= 200 && status < 300) return;
  throw new StrongroomError('usage', `The ping address at ${new URL(url).host} answered with the error ${status}.`, {
    advice: 'Compare the address with the one that the service gave you.',
  });
}

/** By nodemailer's codes (https://nodemailer.com/errors); its messages may quote what was sent. */
function mailFailure(host: string, error: unknown): StrongroomError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const told = (message: string, advice: string): StrongroomError => new StrongroomError('usage', message, { advice });
  switch (code) {
    case 'EAUTH':
    case 'ENOAUTH':
      return told(`The mail server ${host} does not accept the user name or password.`, 'Enter them again.');
    case 'ETLS':
    case 'EREQUIRETLS':
      return told(
        `The mail server ${host} offers no encryption that can be used.`,
        'Try the other kind of encryption, or ask whoever runs the server for its port.',
      );
    case 'EENVELOPE':
      return told(`The mail server ${host} does not take mail from or to these addresses.`, 'Check the addresses.');
    case 'EDNS':
      return told(`There is no mail server ${host}.`, 'Check its name.');
    case 'ECONNECTION':
    case 'ESOCKET':
    case 'ETIMEDOUT':
      return told(`The mail server ${host} cannot be reached.`, 'Check its name and port, and the network.');
    default:
      return told(`The mail server ${host} did not take the message.`, 'Ask whoever runs it.');
  }
}
