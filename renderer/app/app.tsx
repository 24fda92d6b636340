import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';
import { Attending } from './attending.ts';
import { closeTopLayerOnly } from './layers.ts';
import { LiveProvider, useEngineState } from './live.tsx';
import { router } from './routes.tsx';
import { theme } from './theme.ts';

const client = new QueryClient({
  defaultOptions: {
    // The engine says when something has changed, and a call that fails has its reason: neither is asked again.
    queries: { staleTime: Infinity, retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});
const schemes = localStorageColorSchemeManager({ key: 'strongroom-appearance' });

closeTopLayerOnly();

/** What lets style elements of the component library through the content security policy (shared/contract/csp.ts). */
const styleNonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';

/** The whole window. */
export function App(): ReactNode {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={client}>
        <LiveProvider>
          <Notifications position="top-left" containerWidth={340} />
          <Attending />
          <Screens />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

const Stopped = lazy(async () => ({ default: (await import('../screens/stopped/stopped.tsx')).Stopped }));

/** All screens; or the one that there is while Strongroom could not start. */
function Screens(): ReactNode {
  const state = useEngineState();
  if (state?.stopped === undefined) return <RouterProvider router={router} />;
  return (
    <Suspense>
      <Stopped stopped={state.stopped} />
    </Suspense>
  );
}
