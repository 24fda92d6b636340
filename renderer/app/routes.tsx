import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { z } from 'zod';
import { Shell } from './shell.tsx';
import { Broken, Nowhere } from './nowhere.tsx';
import { Overview } from '../screens/overview/overview.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: Nowhere, errorComponent: Broken });

/** Where in time and place a person browses; all of it in the address, so that it can be gone back to. */
const browseSearch = z.object({
  source: z.string().optional(),
  /** The folder that is shown. */
  path: z.string().optional(),
  /** The file whose panel is open. */
  file: z.string().optional(),
  at: z.number().int().optional(),
  deleted: z.boolean().optional(),
  /** What is searched for. */
  find: z.string().optional(),
});

const overview = createRoute({ getParentRoute: () => root, path: '/', component: Overview });
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('../screens/welcome/welcome.tsx'), 'Welcome'),
});
const sources = createRoute({
  getParentRoute: () => root,
  path: '/sources',
  validateSearch: z.object({ add: z.boolean().optional(), edit: z.string().optional() }),
  component: lazyRouteComponent(() => import('../screens/sources/sources.tsx'), 'Sources'),
});
const browse = createRoute({
  getParentRoute: () => root,
  path: '/browse',
  validateSearch: browseSearch,
  component: lazyRouteComponent(() => import('../screens/browse/browse.tsx'), 'Browse'),
});
const activity = createRoute({
  getParentRoute: () => root,
  path: '/activity',
  validateSearch: z.object({
    /** The run whose panel is open. */
    run: z.number().int().optional(),
    /** Of one source alone. */
    source: z.string().optional(),
    /** The history of events instead of the runs. */
    events: z.boolean().optional(),
  }),
  component: lazyRouteComponent(() => import('../screens/activity/activity.tsx'), 'Activity'),
});
const stores = createRoute({
  getParentRoute: () => root,
  path: '/stores',
  validateSearch: z.object({
    add: z.enum(['folder', 's3', 'drive']).optional(),
    /** The store whose panel is open. */
    store: z.string().optional(),
  }),
  component: lazyRouteComponent(() => import('../screens/stores/stores.tsx'), 'Stores'),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('../screens/settings/settings.tsx'), 'Settings'),
});
const integrity = createRoute({
  getParentRoute: () => root,
  path: '/integrity',
  component: lazyRouteComponent(() => import('../screens/integrity/integrity.tsx'), 'Integrity'),
});
const recovery = createRoute({
  getParentRoute: () => root,
  path: '/recovery',
  component: lazyRouteComponent(() => import('../screens/recovery/recovery.tsx'), 'Recovery'),
});

export const router = createRouter({
  routeTree: root.addChildren([overview, welcome, sources, browse, activity, stores, settings, integrity, recovery]),
  // Part of the address after the `#`, so that both doors serve one page only.
  history: createHashHistory(),
  // In the screen's own place: the navigation around it stays.
  defaultErrorComponent: Broken,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
