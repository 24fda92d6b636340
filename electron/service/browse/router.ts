import { procedures } from '../procedures.ts';
import { Content } from './content.ts';
import type { BrowseContext } from './context.ts';
import { listPlace, makePlace } from './places.ts';
import { previewSource } from './preview.ts';
import { CatalogReader } from './reader.ts';
import { Restoring } from './restoring.ts';
import { Sample } from './sample/sample.ts';

/** The reading half of the service: looking around, showing, giving back, and what is shown before a source is added. */
export interface Browsing {
  readonly procedures: ReturnType<typeof browseProcedures>;
  /** Waits for what ends with the context's signal, and ends its threads. */
  close(): Promise<void>;
}

export function makeBrowsing(context: BrowseContext): Browsing {
  const reader = new CatalogReader(context.home);
  const parts = {
    reader,
    content: new Content(context),
    restoring: new Restoring(context, reader),
    sample: new Sample(context),
  };
  return {
    procedures: browseProcedures(context, parts),
    close: async () => {
      await Promise.all([parts.restoring.idle(), parts.sample.idle()]);
      await reader.close();
    },
  };
}

interface Parts {
  readonly reader: CatalogReader;
  readonly content: Content;
  readonly restoring: Restoring;
  readonly sample: Sample;
}

function browseProcedures(context: BrowseContext, { reader, content, restoring, sample }: Parts) {
  const { engine } = context;
  const together = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? context.signal : AbortSignal.any([signal, context.signal]);
  return {
    browse: {
      folders: procedures.browse.folders.handler(({ input: { source, path, at, deleted } }) =>
        reader.ask('folders', source, path, { at, deleted }),
      ),
      list: procedures.browse.list.handler(async ({ input: { source, path, offset, limit, ...view } }) => {
        const page = await reader.ask('list', source, path, view, offset, limit);
        return { ...page, rows: [...page.rows] };
      }),
      sums: procedures.browse.sums.handler(({ input: { source, paths, at }, signal }) =>
        reader.askGradually(together(signal), 'sums', source, paths, at),
      ),
      changes: procedures.browse.changes.handler(({ input: { source, path, timeZone, by } }) =>
        reader.ask('changes', source, path, timeZone, by),
      ),
      moments: procedures.browse.moments.handler(({ input: { source, path, around, each } }) =>
        reader.ask('moments', source, path, around, each),
      ),
      search: procedures.browse.search.handler(({ input: { text, limit, source } }) =>
        reader.ask('search', text, limit, source),
      ),
      file: procedures.browse.file.handler(({ input: { source, path } }) => reader.ask('file', source, path)),
      content: procedures.browse.content.handler(({ input: { source, path, version } }) =>
        content.ticket(source, path, version),
      ),
      open: procedures.browse.open.handler(async ({ input: { source, path, version }, signal }) => {
        await content.open(source, path, version, together(signal));
        return {};
      }),
    },
    restore: {
      plan: procedures.restore.plan.handler(({ input }) => restoring.plan(input)),
      start: procedures.restore.start.handler(({ input, signal }) => restoring.start(input, signal)),
      cancel: procedures.restore.cancel.handler(({ input: { restore } }) => {
        restoring.cancel(restore);
        return {};
      }),
      show: procedures.restore.show.handler(async ({ input: { folder } }) => {
        await restoring.show(folder);
        return {};
      }),
    },
    places: {
      list: procedures.places.list.handler(({ input: { path } }) => listPlace(path, engine.platform)),
      make: procedures.places.make.handler(async ({ input: { path, name } }) => ({
        path: await makePlace({ path, name }, engine.catalog.sources.all(), engine.platform),
      })),
    },
    sources: {
      preview: procedures.sources.preview.handler(({ input, signal }) =>
        previewSource(engine, input, together(signal)),
      ),
      addSample: procedures.sources.addSample.handler(({ signal }) => sample.add(together(signal))),
      removeSample: procedures.sources.removeSample.handler(async () => {
        await sample.remove();
        return {};
      }),
    },
  };
}
