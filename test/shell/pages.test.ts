import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { servePages } from '../../electron/desktop/pages.ts';
import { sendContent } from '../../electron/hosts/utility/content.ts';
import type { ContentAnswer } from '../../electron/service/door.ts';
import { noncePlaceholder } from '../../shared/contract/csp.ts';
import { StandIn, until } from './stand-in.ts';

type Content = (ticket: string, range: string | undefined, signal: AbortSignal) => Promise<ContentAnswer>;

describe('the app:// protocol', () => {
  let outside: string;
  let folder: string;
  let desktop: StandIn;
  /** What the engine answers for a ticket; `undefined`: no engine runs. */
  let engine: Content | undefined;

  before(() => {
    outside = mkdtempSync(join(tmpdir(), 'strongroom-pages-'));
    folder = join(outside, 'renderer');
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), `<style nonce="${noncePlaceholder}"></style>`);
    writeFileSync(join(folder, 'assets/main-1a2b.js'), 'start()');
    writeFileSync(join(folder, 'notes.md'), 'of no type that a window is made of');
    writeFileSync(join(folder, '.built-from'), 'hidden');
    writeFileSync(join(outside, 'secret.json'), 'secret');
    symlinkSync('assets/main-1a2b.js', join(folder, 'link.js'));
  });
  after(() => rmSync(outside, { recursive: true }));
  beforeEach(() => {
    desktop = new StandIn();
    engine = undefined;
  });
  afterEach(() => desktop.end());

  const get = (address: string, init: RequestInit = {}): Promise<Response> => {
    const pages = servePages({
      folder,
      content: (ticket, range) => {
        if (engine === undefined) return undefined;
        const { port1, port2 } = desktop.channel();
        const content = engine;
        sendContent(port2, (signal) => content(ticket, range, signal));
        return port1;
      },
    });
    return pages(new Request(address, init));
  };

  it('serves the window, with a policy whose nonce is new each time', async () => {
    const [first, second] = [await get('app://strongroom/index.html'), await get('app://strongroom/')];
    assert.equal(first.status, 200);
    assert.match(first.headers.get('content-type') ?? '', /^text\/html/);
    const policy = first.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    const [, nonce] = /'nonce-([^']+)'/.exec(policy) ?? [];
    assert.ok(nonce);
    assert.equal(await first.text(), `<style nonce="${nonce}"></style>`);
    assert.notEqual(second.headers.get('content-security-policy'), policy);
  });

  it('serves its files by their type, and lets nobody guess another', async () => {
    const answer = await get('app://strongroom/assets/main-1a2b.js');
    assert.equal(await answer.text(), 'start()');
    assert.match(answer.headers.get('content-type') ?? '', /^text\/javascript/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  });

  it('leads nowhere out of its folder, however it is asked', async () => {
    for (const address of [
      'app://strongroom/../secret.json',
      'app://strongroom/%2e%2e/secret.json',
      'app://strongroom/..%2fsecret.json',
      'app://strongroom/..%5csecret.json',
      'app://strongroom/assets/..%2f..%2fsecret.json',
      'app://strongroom/%2e%2e%2fsecret.json',
      'app://strongroom//etc/passwd.json',
      `app://strongroom/${encodeURIComponent(join(outside, 'secret.json'))}`,
      'app://strongroom/C:%5cWindows%5cwin.json',
      'app://strongroom/secret.json%00.js',
      'app://strongroom/%E0%A4%A.js',
      'app://strongroom/assets/main-1a2b.js::$DATA',
      'app://strongroom/.built-from',
      'app://strongroom/notes.md',
      'app://strongroom/assets',
      'app://elsewhere/index.html',
      'file:///etc/passwd',
    ]) {
      const answer = await get(address);
      assert.equal(answer.status, 404, address);
      assert.equal(await answer.text(), '', address);
      assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    }
  });

  it('takes no other method', async () => {
    assert.equal((await get('app://strongroom/index.html', { method: 'POST', body: 'x' })).status, 405);
    assert.equal((await get('app://strongroom/content/1', { method: 'DELETE' })).status, 405);
  });

  it('streams content from the engine, with ranges and the headers that the engine gave', async () => {
    let asked: unknown;
    engine = (ticket, range) => {
      asked = { ticket, range };
      const headers = {
        'content-type': 'image/png',
        'content-range': 'bytes 2-4/9',
        'content-security-policy': 'sandbox',
      };
      return Promise.resolve({ status: 206, headers, body: Readable.from([Buffer.from('cd'), Buffer.from('e')]) });
    };
    const answer = await get('app://strongroom/content/abc-1', { headers: { range: 'bytes=2-4' } });
    assert.deepEqual(asked, { ticket: 'abc-1', range: 'bytes=2-4' });
    assert.equal(answer.status, 206);
    assert.equal(answer.headers.get('content-range'), 'bytes 2-4/9');
    assert.equal(answer.headers.get('content-security-policy'), 'sandbox');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(await answer.text(), 'cde');
  });

  it('gives back that there is no such content, or no engine', async () => {
    assert.equal((await get('app://strongroom/content/abc')).status, 503);
    engine = () => Promise.resolve({ status: 410, headers: {}, body: undefined });
    assert.equal((await get('app://strongroom/content/abc')).status, 410);
    for (const address of [
      'app://strongroom/content',
      'app://strongroom/content/a/b',
      'app://strongroom/content/..%2f',
    ]) {
      assert.equal((await get(address)).status, 404);
    }
  });

  it('reads no further ahead than the window asks', async () => {
    let read = 0;
    const endless = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        read += 1;
        yield await Promise.resolve(Buffer.alloc(1_024));
      }
    };
    engine = () => Promise.resolve({ status: 200, headers: {}, body: Readable.from(endless(), { highWaterMark: 1 }) });
    const reader = (await get('app://strongroom/content/abc')).body?.getReader();
    for (let piece = 0; piece < 20; piece += 1) await reader?.read();
    // The stream itself, the message under way and the reader's own room may each hold a piece or two.
    assert.ok(read <= 20 + 6, `${read} pieces were read for 20`);
    await reader?.cancel();
  });

  it('stops reading when the window has seen enough, or is gone', async () => {
    let signal: AbortSignal | undefined;
    let body: Readable | undefined;
    engine = (_ticket, _range, given) => {
      signal = given;
      body = Readable.from([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]);
      return Promise.resolve({ status: 200, headers: {}, body });
    };
    const reader = (await get('app://strongroom/content/abc')).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await until(() => signal?.aborted === true && body?.destroyed === true);

    const leaving = new AbortController();
    signal = undefined;
    await get('app://strongroom/content/abc', { signal: leaving.signal });
    leaving.abort();
    await until(() => signal?.aborted === true && body?.destroyed === true);
  });

  it('tells of bytes that broke off, and passes none off as whole', async () => {
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from('half'));
      throw new Error('the store went away');
    };
    engine = () => Promise.resolve({ status: 200, headers: {}, body: Readable.from(broken()) });
    await assert.rejects(
      async () => (await get('app://strongroom/content/abc')).text(),
      /could not be read to their end/,
    );
    engine = () => Promise.reject(new Error('no such file'));
    assert.equal((await get('app://strongroom/content/abc')).status, 502);
  });
});
