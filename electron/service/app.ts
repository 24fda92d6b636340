import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { catalogPath } from '../engine/catalog/open.ts';
import type { ServiceContext } from './context.ts';
import { describeSource, instantOf } from './describe.ts';
import { diagnosticsOf } from './diagnostics.ts';
import { integrityOf } from './integrity.ts';
import { procedures } from './procedures.ts';
import { describeEvent } from './sentences.ts';
import { streamOf } from './stream.ts';
import { appVersion } from './version.ts';

const platforms = { linux: 'linux', darwin: 'macos', win32: 'windows' } as const;

export function appProcedures(context: ServiceContext) {
  const { engine, keeper, standings, figures, clock, home, tickets, desktop } = context;
  const { catalog } = engine;
  return {
    about: procedures.app.about.handler(async () => ({
      version: appVersion(),
      door: desktop.door,
      platform: platforms[engine.platform],
      computer: os.hostname(),
      home,
      catalogBytes: catalogBytes(home),
      secretsKeptIn: await context.lock.state(engine),
    })),

    overview: procedures.app.overview.handler(() => {
      const { headline, detail, state, tone, attention } = standings.look();
      const sources = catalog.sources.all().map((source) => describeSource(context, source));
      const total = (value: (source: (typeof sources)[number]) => number): number =>
        sources.reduce((sum, source) => sum + value(source), 0);
      return {
        empty: sources.length === 0,
        headline,
        detail,
        state,
        ...(tone === undefined ? {} : { tone }),
        sources,
        attention,
        files: total((source) => source.files),
        bytes: total((source) => source.bytes),
        versions: total((source) => source.versions),
        growth: catalog.growth.all(),
      };
    }),

    live: procedures.app.live.handler(({ signal }) =>
      streamOf(context.listen, signal === undefined ? context.signal : AbortSignal.any([signal, context.signal])),
    ),

    writeAs: procedures.app.writeAs.handler(({ input }) => {
      if (figures.writeAs(input)) context.changed('sources', 'stores', 'runs');
      return {};
    }),

    attend: procedures.app.attend.handler(() => {
      keeper.attend();
      return {};
    }),

    pause: procedures.app.pause.handler(({ input }) => {
      keeper.pauseAll(instantOf(input.until));
      return {};
    }),

    resume: procedures.app.resume.handler(() => {
      keeper.resumeAll();
      return {};
    }),

    events: procedures.app.events.handler(({ input: { source, before, limit } }) => {
      const sourceId = source === undefined ? undefined : catalog.sources.get(source).id;
      const found = catalog.events.latest(limit + 1, sourceId, before);
      return {
        events: found.slice(0, limit).map((event) => describeEvent(event, figures)),
        more: found.length > limit,
      };
    }),

    integrity: procedures.app.integrity.handler(() => integrityOf(catalog)),

    diagnostics: procedures.app.diagnostics.handler(() => {
      const bundle = diagnosticsOf({ ...context, now: clock.now() });
      const type = 'application/zip';
      const url = tickets.issue(() =>
        Promise.resolve({
          status: 200,
          headers: {
            'content-type': type,
            'content-length': String(bundle.length),
            'content-disposition': 'attachment; filename="strongroom-diagnostics.zip"',
            'content-security-policy': "default-src 'none'; sandbox",
            'x-content-type-options': 'nosniff',
            'cache-control': 'private, no-store',
          },
          body: Readable.from([bundle], { objectMode: false }),
        }),
      );
      return { url, size: bundle.length, type, viewer: 'none' as const, from: 'strongroom' };
    }),

    lookForUpdates: procedures.app.lookForUpdates.handler(() =>
      desktop.lookForUpdates === undefined
        ? { found: 'not-here' as const, runs: 'in-a-browser' as const }
        : desktop.lookForUpdates(context.settings.get().updatesUrl),
    ),

    unlock: procedures.app.unlock.handler(async ({ input }) => {
      await context.lock.unlock(engine, input.passphrase);
      // What could not be done without the keys is done now.
      for (const store of catalog.stores.all()) if (store.keyKept) keeper.retryStore(store.id);
      context.changed('settings', 'stores');
      return {};
    }),
  };
}

/** The catalog's file together with its log. */
function catalogBytes(home: string): number {
  const file = catalogPath(path.resolve(home));
  return [file, `${file}-wal`].reduce(
    (sum, name) => sum + (fs.statSync(name, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
