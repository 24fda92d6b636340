import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Answer, Call, Core, JsonObject } from './call.ts';
import { ContentWriter } from './content.ts';
import type { Discovery } from './discovery.ts';
import { ApiError, insufficientScopes, invalidCredentials, isLimitReason, limitError, UploadError } from './errors.ts';
import type { Faults, FaultTarget } from './faults.ts';
import { checkFields, EVERYTHING, parseFields, type Selection } from './fields.ts';
import { checkCreate, checkUpdate, createFile, updateFile } from './files.ts';
import type { RequestLog } from './log.ts';
import type { Caller } from './model.ts';
import { parseJson, parseMultipart } from './multipart.ts';
import { OAuthError, type OAuth } from './oauth.ts';
import { DOWNLOAD_UNITS, Router, ROUTES, type Route } from './routes.ts';
import { UploadSession, type ChunkRule, type UploadSessions } from './sessions.ts';
import { LineBroken, Wire } from './wire.ts';

/** What the server serves. */
export interface Service extends Core {
  readonly oauth: OAuth;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly sessions: UploadSessions;
  readonly discovery: Discovery | undefined;
  readonly chunkRule: ChunkRule;
}

const API = '/drive/v3/';
const UPLOAD = /^(?:\/resumable)?\/upload(\/drive\/v3\/.*)$/;
const JSON_TYPE = { 'Content-Type': 'application/json; charset=UTF-8' };

/** What is known of a request while it is served, for the log. */
interface Trace {
  id: string;
  units: number;
  user: string | undefined;
  reason: string | undefined;
}

/** Speaks HTTP: finds what is asked for, lets it in or refuses it, and carries the answer, with what faults do to it. */
export class DriveServer {
  readonly #service: Service;
  readonly #server: Server;
  readonly #router = new Router<Route>(ROUTES);
  readonly #others: Router<{ id: string; verb: string; path: string }>;
  readonly #selections = new Map<string, Selection>();
  #origin = '';

  constructor(service: Service) {
    this.#service = service;
    this.#others = new Router(
      [...(service.discovery?.methods() ?? [])].map(({ id, httpMethod, path }) => ({ id, verb: httpMethod, path })),
    );
    this.#server = createServer(
      { keepAliveTimeout: 60_000 },
      (request, response) => void this.#serve(request, response),
    );
  }

  /** Starts on a free port of 127.0.0.1; resolves to the origin (`http://127.0.0.1:…`). */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this.#origin;
  }

  /** Stops, and breaks what is still open. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
    const { route, id, variables } = this.#find(request.method ?? 'GET', path, query);
    const target: FaultTarget = {
      id,
      verb: request.method ?? 'GET',
      path,
      query,
      contentRange: request.headers['content-range'],
    };
    const { clock } = this.#service.store;
    const faults = this.#service.faults.strike(target);
    const wire = new Wire(request, response, faults, clock.now());
    const trace: Trace = { id, units: 0, user: undefined, reason: undefined };
    const at = clock.now();
    try {
      await this.#answer(wire, target, trace, route, variables);
    } catch (error) {
      await this.#refuse(wire, trace, error).catch(() => undefined);
    }
    const secretFree = new URLSearchParams(query);
    for (const name of ['upload_id', 'access_token', 'code', 'token'])
      if (secretFree.has(name)) secretFree.set(name, '…');
    this.#service.log.add({
      ...trace,
      at,
      verb: target.verb,
      path,
      query: secretFree.toString(),
      status: wire.status,
      bytesIn: wire.bytesIn,
      bytesOut: wire.bytesOut,
      faults: faults.map((fault) => fault.kind),
    });
  }

  #find(
    verb: string,
    path: string,
    query: URLSearchParams,
  ): { route: Route | undefined; id: string; variables: Record<string, string> } {
    if (path === '/token') return { route: undefined, id: 'oauth.token', variables: {} };
    if (path === '/revoke') return { route: undefined, id: 'oauth.revoke', variables: {} };
    if (path === '/o/oauth2/v2/auth') return { route: undefined, id: 'oauth.authorize', variables: {} };
    const uploadPath = UPLOAD.exec(path)?.[1];
    if (uploadPath !== undefined && query.has('upload_id')) {
      return { route: undefined, id: 'upload.put', variables: {} };
    }
    const api = uploadPath ?? path;
    const relative = api.startsWith(API) ? api.slice(API.length) : undefined;
    const found = relative === undefined ? undefined : this.#router.match(verb, relative);
    if (found === undefined || (uploadPath !== undefined && typeof found.target.handler !== 'string')) {
      const other = relative === undefined ? undefined : this.#others.match(verb, relative);
      return { route: undefined, id: other?.target.id ?? 'unknown', variables: {} };
    }
    return { route: found.target, id: found.target.id, variables: found.variables };
  }

  async #answer(
    wire: Wire,
    target: FaultTarget,
    trace: Trace,
    route: Route | undefined,
    variables: Record<string, string>,
  ): Promise<void> {
    const latency = wire.fault('latency');
    if (latency !== undefined) await sleep(latency.milliseconds);
    const refusal = wire.fault('refuse');
    if (refusal !== undefined) throw faultError(refusal.status, refusal.reason, refusal.retryAfter);
    if (target.id.startsWith('oauth.')) return this.#oauth(wire, target);
    if (target.id === 'upload.put') return this.#put(wire, target, trace);
    const caller = this.#authenticate(wire, target.query);
    trace.user = caller.email;
    if (route === undefined) {
      if (target.id !== 'unknown') throw new ApiError(501, 'notImplemented', `The emulator has no ${target.id}.`);
      throw new ApiError(404, 'notFound', `The requested URL ${target.path} was not found on this server.`);
    }
    const isDownload = target.query.get('alt') === 'media' && target.verb === 'GET';
    trace.units = isDownload ? DOWNLOAD_UNITS : route.units;
    this.#service.meter.request(caller.email, trace.units);
    if (!route.scopes.some((scope) => caller.scopes.has(scope))) throw insufficientScopes();
    const call = this.#call(wire, target, route, variables, caller);
    if (UPLOAD.test(target.path) && (route.handler === 'create' || route.handler === 'update')) {
      return this.#upload(wire, target, call, route.handler);
    }
    await this.#plain(wire, call, route);
  }

  /** Checks what can be checked before the body is read. */
  #call(wire: Wire, target: FaultTarget, route: Route, variables: Record<string, string>, caller: Caller): Call {
    const { discovery, store, meter, pages } = this.#service;
    const method = discovery?.method(route.id);
    if (method !== undefined) discovery?.checkQuery(method, target.query);
    const selection = this.#selection(route, target.query.get('fields'));
    const range = wire.header('range');
    return { store, meter, pages, caller, path: variables, query: target.query, body: {}, selection, range };
  }

  #selection(route: Route, written: string | null): Selection {
    const fields = written ?? route.fields;
    if (fields === '*' || fields === '') return EVERYTHING;
    const key = `${route.id} ${fields}`;
    const known = this.#selections.get(key);
    if (known !== undefined) return known;
    const selection = parseFields(fields);
    const { discovery } = this.#service;
    if (discovery !== undefined) checkFields(selection, discovery.method(route.id)?.response, discovery);
    this.#selections.set(key, selection);
    return selection;
  }

  #authenticate(wire: Wire, query: URLSearchParams): Caller {
    const header = /^Bearer (.+)$/i.exec(wire.header('authorization') ?? '')?.[1];
    const token = header ?? query.get('access_token') ?? query.get('oauth_token') ?? '';
    if (wire.fault('expireToken') !== undefined) this.#service.oauth.expireAccessToken(token);
    const caller = this.#service.oauth.caller(token);
    if (caller === undefined) throw invalidCredentials();
    return caller;
  }

  /** Gives the call its body, checked against the schema. */
  #withBody(call: Call, route: Pick<Route, 'id'>, body: JsonObject): Call {
    const { discovery } = this.#service;
    const schema = discovery?.method(route.id)?.request;
    if (schema !== undefined) discovery?.checkBody(body, schema);
    return { ...call, body };
  }

  async #plain(wire: Wire, call: Call, route: Route): Promise<void> {
    const full = this.#withBody(call, route, parseJson(await wire.wholeBody()));
    const { handler } = route;
    if (handler === 'create') return this.#send(wire, createFile(full, undefined));
    if (handler === 'update') return this.#send(wire, updateFile(full, undefined));
    return this.#send(wire, handler(full));
  }

  async #upload(wire: Wire, target: FaultTarget, call: Call, kind: 'create' | 'update'): Promise<void> {
    const route = { id: `drive.files.${kind}` };
    const act = kind === 'create' ? createFile : updateFile;
    const contentType = wire.header('content-type') ?? 'application/octet-stream';
    switch (target.query.get('uploadType') ?? 'media') {
      case 'multipart': {
        const { metadata, mimeType, bytes } = parseMultipart(contentType, await wire.wholeBody());
        const writer = new ContentWriter(this.#service.store.directory);
        await writer.write(bytes);
        return this.#send(
          wire,
          act(this.#withBody(call, route, metadata), { content: await writer.finish(), mimeType }),
        );
      }
      case 'media': {
        if (kind === 'create') checkCreate(call, contentType, wire.contentLength);
        else checkUpdate(call, true, wire.contentLength);
        const writer = new ContentWriter(this.#service.store.directory);
        for await (const piece of wire.body()) await writer.write(piece);
        return this.#send(wire, act(call, { content: await writer.finish(), mimeType: contentType }));
      }
      case 'resumable': {
        const full = this.#withBody(call, route, parseJson(await wire.wholeBody()));
        const announced = wire.header('x-upload-content-length');
        const mimeType = wire.header('x-upload-content-type') ?? 'application/octet-stream';
        const total = announced === undefined ? undefined : Number(announced);
        const session = new UploadSession(full, kind, target.path, mimeType, total);
        this.#service.sessions.add(session);
        const query = new URLSearchParams(target.query);
        query.set('upload_id', session.id);
        await this.#commit(wire, 200, {
          Location: `${this.#origin}${target.path}?${query.toString()}`,
          'X-GUploader-UploadID': session.id,
        });
        return;
      }
      default:
        throw new ApiError(400, 'badRequest', 'Invalid uploadType.');
    }
  }

  /** A request to a session's URI. The URI is the credential; a token that is sent all the same must be good. */
  async #put(wire: Wire, target: FaultTarget, trace: Trace): Promise<void> {
    if (wire.header('authorization') !== undefined) trace.user = this.#authenticate(wire, target.query).email;
    const session = this.#service.sessions.find(target.query.get('upload_id') ?? '', target.path);
    if (target.verb !== 'PUT' && target.verb !== 'POST') throw new UploadError(405, 'Method Not Allowed');
    const answer = await session.put(
      wire.header('content-range'),
      wire.contentLength,
      wire.body(),
      this.#service.chunkRule,
    );
    wire.skipBody();
    if (answer.kind === 'complete') return this.#send(wire, answer.answer);
    await this.#commit(wire, 308, answer.received === 0 ? {} : { Range: `bytes=0-${answer.received - 1}` });
  }

  async #send(wire: Wire, answer: Answer): Promise<void> {
    if (answer.kind === 'json') return this.#commit(wire, 200, JSON_TYPE, JSON.stringify(answer.value));
    if (answer.kind === 'nothing') return this.#commit(wire, 204, {});
    const { content, start, end, mimeType, status } = answer;
    this.#afterwards(wire);
    const range = status === 206 ? { 'Content-Range': `bytes ${start}-${end - 1}/${content.size}` } : {};
    await wire.sendContent(
      status,
      { 'Content-Type': mimeType, 'Accept-Ranges': 'bytes', ...range },
      content,
      start,
      end,
    );
  }

  /** Answers what was done, unless a fault swallows or replaces the answer. */
  async #commit(wire: Wire, status: number, headers: Record<string, string>, body = ''): Promise<void> {
    this.#afterwards(wire);
    await wire.send(status, headers, body);
  }

  #afterwards(wire: Wire): void {
    if (wire.fault('loseResponse') !== undefined) throw wire.break();
    const refusal = wire.fault('refuseAfter');
    if (refusal !== undefined) throw faultError(refusal.status, refusal.reason, undefined);
  }

  async #oauth(wire: Wire, target: FaultTarget): Promise<void> {
    const { oauth } = this.#service;
    if (target.id === 'oauth.authorize') {
      await wire.send(302, { Location: oauth.authorize(target.query) });
      return;
    }
    const form = new URLSearchParams((await wire.wholeBody()).toString('utf8'));
    if (target.id === 'oauth.token') {
      await this.#commit(wire, 200, JSON_TYPE, JSON.stringify(oauth.token(form)));
      return;
    }
    oauth.revoke(form.get('token') ?? target.query.get('token') ?? '');
    await this.#commit(wire, 200, JSON_TYPE, '{}');
  }

  async #refuse(wire: Wire, trace: Trace, error: unknown): Promise<void> {
    if (error instanceof LineBroken) return;
    wire.skipBody();
    if (error instanceof ApiError) {
      trace.reason = error.reason;
      await wire.send(error.code, { ...JSON_TYPE, ...error.headers }, error.body());
    } else if (error instanceof OAuthError) {
      trace.reason = error.error;
      const body = JSON.stringify({ error: error.error, error_description: error.message });
      await wire.send(error.status, JSON_TYPE, body);
    } else if (error instanceof UploadError) {
      trace.reason = error.message;
      await wire.send(error.code, { 'Content-Type': 'text/plain; charset=utf-8' }, error.message);
    } else {
      // A fault of the emulator itself: loud, so that no test takes it for Google's.
      trace.reason = `emulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
      console.error(trace.reason);
      await wire.send(599, { 'Content-Type': 'text/plain; charset=utf-8' }, trace.reason);
    }
  }
}

const REASON_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'authError',
  403: 'userRateLimitExceeded',
  404: 'notFound',
  429: 'rateLimitExceeded',
  500: 'internalError',
  503: 'backendError',
};

function faultError(status: number, reason: string | undefined, retryAfter: number | undefined): ApiError {
  const named = reason ?? REASON_OF_STATUS[status] ?? 'backendError';
  const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  if (isLimitReason(named)) return limitError(named, { code: status, headers });
  return new ApiError(status, named, named, { headers });
}
