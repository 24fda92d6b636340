import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { GoogleAccess, revoke } from '../../electron/engine/signin/access.ts';
import {
  formatCredential,
  parseClientFile,
  parseCredential,
  parseKeyFile,
  type OAuthEndpoints,
} from '../../electron/engine/signin/client.ts';
import { listenForRedirect } from '../../electron/engine/signin/loopback.ts';
import { signIn, type SignInOptions } from '../../electron/engine/signin/sign-in.ts';
import { openDriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import { assertCode, getBytes, putBytes, signal } from '../contract/support.ts';
import { DEFAULT_CLIENT, startDriveEmulator, type DriveEmulator } from '../emulators/drive/emulator.ts';

const noSleep = (): Promise<void> => Promise.resolve();

/** What a person does: follows the address, and the redirect that the consent page answers with. */
async function visit(url: string, change: (redirect: URL) => URL = (redirect) => redirect): Promise<number> {
  const answer = await fetch(url, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) return answer.status;
  return (await fetch(change(new URL(location)))).status;
}

describe('signing in to Google', { concurrency: 1 }, () => {
  let emulator: DriveEmulator;
  let endpoints: OAuthEndpoints;
  const clock = { now: () => emulator.clock.now() };
  const options = (changes: Partial<SignInOptions> = {}): SignInOptions => ({
    client: DEFAULT_CLIENT,
    scope: 'own-files',
    clock,
    endpoints,
    openBrowser: async (url) => {
      await visit(url);
    },
    signal,
    ...changes,
  });

  before(async () => {
    emulator = await startDriveEmulator();
    const { authUrl, tokenUrl, revokeUrl } = emulator;
    endpoints = { authUrl, tokenUrl, revokeUrl };
  });
  beforeEach(() => {
    emulator.oauth.consent = { kind: 'allow' };
    emulator.faults.clear();
  });
  after(() => emulator.stop());

  it('signs a person in with the narrow permission, a proof and a state', async () => {
    let asked: URL | undefined;
    const openBrowser = async (url: string): Promise<void> => {
      asked = new URL(url);
      await visit(url);
    };
    const credential = await signIn(options({ openBrowser, account: 'ada@library.example' }));
    const parameters = asked?.searchParams ?? new URLSearchParams();
    assert.equal(parameters.get('scope'), 'https://www.googleapis.com/auth/drive.file');
    assert.equal(parameters.get('code_challenge_method'), 'S256');
    assert.match(parameters.get('redirect_uri') ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(parameters.get('login_hint'), 'ada@library.example');
    assert.ok((parameters.get('state') ?? '').length > 20);
    const kept = parseCredential(formatCredential(credential));
    const access = new GoogleAccess(kept, { clock, endpoints, sleep: noSleep });
    const [one, two] = await Promise.all([access.accessToken(signal), access.accessToken(signal)]);
    assert.equal(one, two);
    const again = await access.accessToken(signal, one);
    assert.notEqual(again, one);
    emulator.clock.advance({ hours: 2 });
    assert.notEqual(await access.accessToken(signal), again);

    await revoke(kept, endpoints, signal);
    emulator.clock.advance({ hours: 2 });
    await assertCode(access.accessToken(signal), 'store-sign-in-ended');
  });

  it('turns away whoever comes without the state, and goes on waiting', async () => {
    const statuses: number[] = [];
    const openBrowser = async (url: string): Promise<void> => {
      const forged = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
      forged.searchParams.set('code', 'slipped in');
      statuses.push((await fetch(forged)).status);
      forged.searchParams.set('state', 'wrong');
      statuses.push((await fetch(forged)).status);
      statuses.push((await fetch(new URL('/favicon.ico', forged))).status);
      statuses.push(await visit(url));
    };
    assert.equal((await signIn(options({ openBrowser }))).kind, 'person');
    assert.deepEqual(statuses, [404, 404, 404, 200]);
  });

  it('says what went wrong: client, consent, box, browser, network, cancelling', async () => {
    const wrong = { ...DEFAULT_CLIENT, clientSecret: 'wrong' };
    const never = (): void => assert.fail('no browser for a client that Google does not know');
    await assertCode(signIn(options({ client: wrong, openBrowser: never })), 'store-wrong-key');
    await assertCode(signIn(options({ client: { ...wrong, clientId: 'x' }, openBrowser: never })), 'store-wrong-key');

    emulator.oauth.consent = { kind: 'deny' };
    const denied = await assertCode(signIn(options()), 'store-no-permission');
    emulator.oauth.consent = { kind: 'allow', scopes: [] };
    const unticked = await assertCode(signIn(options()), 'store-no-permission');
    assert.notEqual(denied.message, unticked.message);
    emulator.oauth.consent = { kind: 'allow' };

    const closed = () => undefined;
    await assertCode(signIn(options({ openBrowser: closed, patienceMs: 50 })), 'store-sign-in-ended');
    const cancel = new AbortController();
    const cancelling = signIn(options({ openBrowser: () => cancel.abort(), signal: cancel.signal }));
    await assertCode(cancelling, 'cancelled');
    const nowhere = { ...endpoints, tokenUrl: 'http://127.0.0.1:9/token' };
    await assertCode(signIn(options({ endpoints: nowhere, openBrowser: never })), 'store-unreachable');
  });

  it('says that no port can be opened', async () => {
    // An address that is no computer's: for documentation only.
    const error = await assertCode(listenForRedirect('state', '192.0.2.1'), 'store-unsupported');
    assert.match(error.advice ?? '', /firewall/);
  });

  it('tells a wrong clock from a wrong key', async () => {
    const key = emulator.addServiceAccount('clock@project.example');
    const late = { now: () => emulator.clock.now() - 7_200_000 };
    const access = new GoogleAccess(parseKeyFile(JSON.stringify(key)), { clock: late, endpoints, sleep: noSleep });
    const error = await assertCode(access.accessToken(signal), 'store-clock-skew');
    assert.match(error.message, /120 minutes/);
    const other = emulator.addServiceAccount('other@project.example');
    const mixed = { ...parseKeyFile(JSON.stringify(key)), email: other.client_email };
    await assertCode(
      new GoogleAccess(mixed, { clock, endpoints, sleep: noSleep }).accessToken(signal),
      'store-wrong-key',
    );
    const broken = { ...parseKeyFile(JSON.stringify(key)), privateKey: 'PRIVATE KEY' };
    const told = await assertCode(
      new GoogleAccess(broken, { clock, endpoints, sleep: noSleep }).accessToken(signal),
      'store-wrong-key',
    );
    assert.equal(told.cause, undefined);
  });

  it('works unattended in a shared drive with a service account', async () => {
    const email = 'robot@project.example';
    const key = emulator.addServiceAccount(email);
    const folder = emulator.state.createDrive('Collections', { [email]: 'fileOrganizer' });
    const access = new GoogleAccess(parseKeyFile(JSON.stringify(key)), { clock, endpoints, sleep: noSleep });
    const spec = { kind: 'drive', folder, path: '', endpoint: emulator.rootUrl } as const;
    const store = await openDriveStore(spec, { access, clock });
    await store.ready(signal);
    const copy = await putBytes(store, { source: 'robot', path: 'a/b' }, Buffer.from('x'));
    assert.equal((await getBytes(store, copy)).toString(), 'x');
    await store.writeControl('lease', Buffer.from('x'), { kind: 'absent' }, signal);
    await store.removeControl('lease', signal);
    assert.equal(await store.readControl('lease', signal), undefined);
    await store.retire(copy.place, copy.locator, signal);
    await store.close();
  });

  it('shows ended access as a sign-in that has ended, and works on after another one', async () => {
    const credential = await signIn(options());
    const spec = { kind: 'drive', folder: 'root', path: 'ended', endpoint: emulator.rootUrl } as const;
    const open = (kept: typeof credential) =>
      openDriveStore(spec, { access: new GoogleAccess(kept, { clock, endpoints, sleep: noSleep }), clock });
    const store = await open(credential);
    const copy = await putBytes(store, { source: 's', path: 'file' }, Buffer.from('one'));
    emulator.oauth.revokeAccess(emulator.state.email);
    await assertCode(putBytes(store, { source: 's', path: 'other' }, Buffer.from('x')), 'store-sign-in-ended');
    await assertCode(store.ready(signal), 'store-sign-in-ended');
    const next = await open(await signIn(options()));
    assert.equal((await getBytes(next, copy)).toString(), 'one');
    await putBytes(next, { source: 's', path: 'other' }, Buffer.from('x'));
    await Promise.all([store.close(), next.close()]);
  });

  it('reads the files of the console, and refuses others without quoting them', async () => {
    const file = { installed: { client_id: 'id', client_secret: 'secret', redirect_uris: ['http://localhost'] } };
    assert.deepEqual(parseClientFile(JSON.stringify(file)), { clientId: 'id', clientSecret: 'secret' });
    for (const [parse, code] of [
      [parseClientFile, 'usage'],
      [parseKeyFile, 'usage'],
      [parseCredential, 'secret-missing'],
    ] as const) {
      for (const text of ['', 'hidden', '{"web":{"client_secret":"hidden"}}', '{"private_key":"hidden"}']) {
        const error = await assertCode(
          Promise.resolve().then(() => parse(text)),
          code,
        );
        assert.ok(!JSON.stringify([error.message, error.advice, error.cause]).includes('hidden'));
      }
    }
  });
});
