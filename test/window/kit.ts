import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import type { TestContext } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright';
import { buildRenderer } from '../../build/renderer/build.ts';
import { Desk, until } from '../cli/kit.ts';
import { chromiumProgram } from '../lab/browsers.ts';

/** How long a person waits for anything before it counts as not happening, milliseconds. */
const patienceMs = 30_000;

/** The overview's heading when all is done, on a disk of its own or on the one of the folder, as in most stories here. */
export const allCopied = /^Everything is (safe|copied)\b/;

export interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** In what form figures and times are written here: a BCP 47 tag and an IANA zone; British, in UTC, without. */
  readonly locale?: string;
  readonly timezone?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is done at the desk before the window opens for the first time. */
  readonly before?: (desk: Desk) => Promise<void>;
}

/**
 * A person at the window: the program behind `strongroom serve`, with a home and files of its own, and a Chromium that
 * opened the address it printed.
 */
export class Visitor {
  readonly desk: Desk;
  #server: ChildProcess | undefined;
  #browser: Browser | undefined;
  #context: BrowserContext | undefined;
  #page: Page | undefined;
  readonly #options: WindowOptions;
  #brokeOff = false;
  /** What the page complained about; a test that expects none looks at the end. */
  readonly complaints: string[] = [];

  private constructor(desk: Desk, options: WindowOptions) {
    this.desk = desk;
    this.#options = options;
  }

  static async arrive(test: Pick<TestContext, 'after'>, options: WindowOptions = {}): Promise<Visitor> {
    await buildRenderer();
    // Before the desk's own: the program ends before its home is taken away.
    const leaving: { visitor?: Visitor } = {};
    test.after(() => leaving.visitor?.leave());
    const visitor = new Visitor(Desk.make(test), options);
    leaving.visitor = visitor;
    await options.before?.(visitor.desk);
    await visitor.start();
    return visitor;
  }

  /** The process of the program. */
  get pid(): number {
    assert.ok(this.#server?.pid !== undefined, 'the program does not run');
    return this.#server.pid;
  }

  /**
   * A part of the story, told as a test of its own. Where it fails, it says what the window showed; what would have come
   * after it fails at once, for it could only wait in vain.
   */
  async chapter(test: TestContext, name: string, happens: () => Promise<void>): Promise<void> {
    await test.test(name, async (part) => {
      assert.ok(!this.#brokeOff, 'the story broke off before this');
      this.#brokeOff = true;
      try {
        await happens();
        this.#brokeOff = false;
      } catch (error) {
        part.diagnostic(await this.page.locator('body').ariaSnapshot());
        throw error;
      }
    });
  }

  get page(): Page {
    assert.ok(this.#page, 'the window is not open');
    return this.#page;
  }

  /** Starts the program and opens its window. */
  async start(): Promise<void> {
    const address = await this.#serve();
    const executablePath = chromiumProgram();
    this.#browser ??= await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      // Chromium's own sandbox needs another user than root; the pages are our own.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    await this.#context?.close();
    this.#context = await this.#browser.newContext({
      viewport: { width: this.#options.width ?? 1280, height: this.#options.height ?? 800 },
      colorScheme: this.#options.scheme ?? 'light',
      reducedMotion: 'reduce',
      locale: this.#options.locale ?? 'en-GB',
      timezoneId: this.#options.timezone ?? 'UTC',
    });
    this.#context.setDefaultTimeout(patienceMs);
    this.#page = await this.#context.newPage();
    this.#page.on('pageerror', (error) => this.complaints.push(error.message));
    this.#page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    // A script that got in from a name or a file would say so.
    this.#page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await this.#page.goto(address);
  }

  async #serve(): Promise<string> {
    const server = this.desk.start(['serve', '--no-open'], { env: { ...this.#options.env } });
    this.#server = server;
    let said = '';
    return new Promise((resolve, reject) => {
      const hear = (chunk: Buffer): void => {
        said += chunk.toString();
        const [address] = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(said) ?? [];
        if (address !== undefined) resolve(address);
      };
      server.stdout?.on('data', hear);
      server.stderr?.on('data', hear);
      server.once('exit', (code) => reject(new Error(`the web host ended with ${code ?? 'a signal'}:\n${said}`)));
    });
  }

  /** Ends the program as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends the program as Ctrl-C does. */
  async quit(): Promise<void> {
    await this.#end('SIGINT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  async leave(): Promise<void> {
    await this.#browser?.close();
    this.#browser = undefined;
    await this.#end('SIGTERM');
  }

  /** Goes to a screen by its name in the navigation, which a narrow window has behind a button. */
  async go(screen: string): Promise<void> {
    const menu = this.button('Screens and state');
    if (await menu.isVisible()) await menu.click();
    const screens = this.page.getByRole('navigation', { name: 'Screens', exact: true });
    // How many things need a person stands behind the overview's name.
    await screens.getByRole('link', { name: new RegExp(`^${screen}`) }).click();
    await this.on(screen);
  }

  /** Waits until a screen is shown: the window's title names it. */
  async on(screen: string): Promise<void> {
    await until(`the screen ${screen}`, async () => (await this.page.title()) === `${screen} · Strongroom`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** Makes the sample materials from the welcome, and waits until all of them are copied. */
  async takeSample(): Promise<void> {
    await this.on('Welcome');
    await this.button('Try it with sample materials').click();
    await this.heading('Everything is safe.').waitFor();
  }

  /** Opens the finder and goes to the one thing of this name that it finds. */
  async find(text: string, option: string | RegExp): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await this.page.getByRole('combobox', { name: /^Find/ }).fill(text);
    await this.page.getByRole('option', { name: option }).first().click();
  }

  /** A row of the list of files. */
  row(name: string | RegExp): Locator {
    return this.page.getByRole('grid').getByRole('row', { name });
  }

  /** The panel of the file that is open: at the side, or over all of a narrow window. */
  get panel(): Locator {
    return this.page
      .getByRole('complementary', { name: 'File' })
      .or(this.page.getByRole('dialog', { name: 'File', exact: true }));
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name });
  }

  /** What needs a person, by its title, on the overview. */
  attention(title: string | RegExp): Locator {
    return this.page
      .getByRole('listitem')
      .filter({ has: this.page.getByRole('heading', { level: 3, name: title, exact: true }) });
  }

  /** Signs in on Google's page, which a link of the window opens in the same browser, and comes back. */
  async signInWithGoogle(): Promise<void> {
    await this.button('Sign in with Google').click();
    const opening = this.page.waitForEvent('popup');
    await this.page.getByRole('link', { name: 'Open Google’s page' }).click();
    const google = await opening;
    await google
      .getByText(/Signed in/)
      .first()
      .waitFor();
    await google.close();
    await this.page.getByText('Signed in to Google.').waitFor();
  }

  /** Asserts that nothing hangs over the window's side, so that nobody has to scroll sideways (WCAG 1.4.10). */
  async assertFits(what: string): Promise<void> {
    // As text: the benchmark uses this kit too, and knows no DOM.
    const over = await this.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    assert.ok(over <= 0, `${what} is ${over} px wider than the window`);
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name, level: 1 });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  /** Lets the computer go over to a theme, and the page after it: it is told with the next drawing. */
  async #wear(scheme: 'light' | 'dark'): Promise<void> {
    await this.page.emulateMedia({ colorScheme: scheme });
    await this.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  /** Whether axe finds nothing on the page as it is, in either theme. WCAG 2.2 AA and axe's good practices. */
  async assertAccessible(what: string): Promise<void> {
    for (const scheme of ['light', 'dark'] as const) {
      await this.#wear(scheme);
      const { violations } = await new AxeBuilder({ page: this.page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      const told = violations.map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
      );
      assert.deepEqual(told, [], `${what}, ${scheme}`);
    }
    await this.page.emulateMedia({ colorScheme: this.#options.scheme ?? 'light' });
  }

  /** Keeps a picture of the page where STRONGROOM_PICTURES names a folder, in both themes. */
  async picture(name: string): Promise<void> {
    const folder = process.env['STRONGROOM_PICTURES'];
    if (folder === undefined) return;
    fs.mkdirSync(folder, { recursive: true });
    for (const scheme of ['light', 'dark'] as const) {
      await this.#wear(scheme);
      await this.page.screenshot({ path: path.join(folder, `${name}-${scheme}.png`), animations: 'disabled' });
    }
    await this.page.emulateMedia({ colorScheme: this.#options.scheme ?? 'light' });
  }
}
