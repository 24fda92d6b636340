import type { ServiceContext } from '../context.ts';

/** What browsing, previews and restores need of the service. */
export type BrowseContext = Pick<
  ServiceContext,
  'engine' | 'tickets' | 'desktop' | 'clock' | 'home' | 'signal' | 'changed'
> & {
  readonly figures: Pick<ServiceContext['figures'], 'count' | 'rewrite'>;
  /** What runs by itself: cares for the sample source while it is there. */
  readonly keeper: Pick<ServiceContext['keeper'], 'tend' | 'forget' | 'whileQuiet'>;
};
