import { EmulatorClock } from './clock.ts';
import { Discovery, findDiscovery } from './discovery.ts';
import { Faults } from './faults.ts';
import { defaultLimits, Meter, type Limits } from './limits.ts';
import { RequestLog } from './log.ts';
import { OAuth, type OAuthClient, type ServiceAccountKey, type TokenPair } from './oauth.ts';
import { Pages } from './pages.ts';
import { Person } from './person.ts';
import { SCOPE } from './routes.ts';
import { DriveServer } from './server.ts';
import { UploadSessions, type ChunkRule } from './sessions.ts';
import { Store } from './store.ts';

/** The scopes an app asks for here. */
export const DRIVE_SCOPE = `${SCOPE}drive`;
export const DRIVE_FILE_SCOPE = `${SCOPE}drive.file`;

/** The registered app and the one person that there always are. */
export const DEFAULT_CLIENT: OAuthClient = {
  clientId: '1234567890-strongroom.apps.googleusercontent.com',
  clientSecret: 'GOCSPX-not-a-secret',
};
export const DEFAULT_EMAIL = 'ada@library.example';

export interface DriveEmulatorOptions {
  /** Where the clock begins: the real present when not given. */
  readonly startTime?: Date;
  /** Whether the clock moves on by itself (the default) or only when told to. */
  readonly isClockRunning?: boolean;
  /** Limits other than Google's. */
  readonly limits?: Partial<Limits>;
  /** Bytes the person may own; without limit when not given. */
  readonly storageLimit?: number;
  /** How chunk sizes are judged; `documented` (400 for what is no multiple of 256 KiB) when not given. */
  readonly chunkRule?: ChunkRule;
  /** The discovery document to check requests against; `false` for none. Found by `findDiscovery` when not given. */
  readonly discovery?: string | false;
}

/** Who a token is to stand for. */
export interface SignIn {
  readonly email?: string;
  readonly clientId?: string;
  readonly scopes?: readonly string[];
}

/** A running emulator. */
export interface DriveEmulator {
  /** Ends in `/`; takes the place of `https://www.googleapis.com/`. */
  readonly rootUrl: string;
  /** Takes the place of `https://oauth2.googleapis.com/token`. */
  readonly tokenUrl: string;
  /** Takes the place of `https://accounts.google.com/o/oauth2/v2/auth`. */
  readonly authUrl: string;
  /** Takes the place of `https://oauth2.googleapis.com/revoke`. */
  readonly revokeUrl: string;
  /** The person whose My Drive it is, acting in the web page; also the way to look at what is there. */
  readonly state: Person;
  readonly faults: Faults;
  readonly clock: EmulatorClock;
  readonly requests: RequestLog;
  readonly oauth: OAuth;
  /** In force at once when changed. */
  readonly limits: Limits;
  readonly sessions: UploadSessions;
  /** Whether requests are held against Google's discovery document. */
  readonly isChecked: boolean;
  /** Tokens without the browser: of the person, with the scope `drive`, unless said otherwise. */
  signIn(who?: SignIn): TokenPair;
  /** Another person, with a My Drive of their own. */
  addPerson(email: string, storageLimit?: number): Person;
  /** A service account, and its key file. */
  addServiceAccount(email: string): ServiceAccountKey;
  /** Changes how many bytes the person may own. */
  setQuota(bytes: number | undefined, email?: string): void;
  /** Stops serving and deletes what was stored. */
  stop(): Promise<void>;
}

/** Starts an emulator of Google Drive API v3 on a free port of 127.0.0.1. `README.md` says what it does and does not do. */
export async function startDriveEmulator(options: DriveEmulatorOptions = {}): Promise<DriveEmulator> {
  const start = options.startTime ?? new Date();
  const clock = new EmulatorClock(start.getTime(), options.isClockRunning ?? true);
  const limits: Limits = { ...defaultLimits(), ...options.limits };
  const store = new Store(clock, limits);
  store.addAccount(DEFAULT_EMAIL, 'Ada Archivist', false, options.storageLimit);
  const path = options.discovery ?? findDiscovery();
  const discovery = path === false || path === undefined ? undefined : new Discovery(path);
  const oauth = new OAuth(clock, DEFAULT_CLIENT, DEFAULT_EMAIL);
  const faults = new Faults();
  const log = new RequestLog();
  const sessions = new UploadSessions(store);
  const meter = new Meter(clock, limits);
  const chunkRule = options.chunkRule ?? 'documented';
  const pages = new Pages();
  const server = new DriveServer({ store, meter, pages, oauth, faults, log, sessions, discovery, chunkRule });
  const origin = await server.listen();
  const tokenUrl = `${origin}/token`;
  return {
    rootUrl: `${origin}/`,
    tokenUrl,
    authUrl: `${origin}/o/oauth2/v2/auth`,
    revokeUrl: `${origin}/revoke`,
    state: new Person(store, DEFAULT_EMAIL),
    faults,
    clock,
    requests: log,
    oauth,
    limits,
    sessions,
    isChecked: discovery !== undefined,
    signIn: (who = {}) =>
      oauth.issue({
        email: who.email ?? DEFAULT_EMAIL,
        clientId: who.clientId ?? DEFAULT_CLIENT.clientId,
        scopes: new Set(who.scopes ?? [DRIVE_SCOPE]),
      }),
    addPerson: (email, storageLimit) => {
      store.addAccount(email, email, false, storageLimit);
      return new Person(store, email);
    },
    addServiceAccount: (email) => {
      store.addAccount(email, email, true, undefined);
      return oauth.serviceAccountKey(email, tokenUrl);
    },
    setQuota: (bytes, email = DEFAULT_EMAIL) => {
      const account = store.accounts.get(email);
      if (account === undefined) throw new Error(`no account ${email}`);
      account.storageLimit = bytes;
    },
    stop: async () => {
      await server.close();
      await sessions.forgetAll();
      store.directory.remove();
    },
  };
}
