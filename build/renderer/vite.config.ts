import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { noncePlaceholder } from '../../shared/contract/csp.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How the window is built. One page, addresses relative to it, so that `app://` and `http://` serve the same files. */
export default defineConfig({
  root: `${root}renderer`,
  base: './',
  // The window has no public folder: what is served is what the sources name.
  publicDir: false,
  cacheDir: `${root}node_modules/.vite-renderer`,
  plugins: [react()],
  html: { cspNonce: noncePlaceholder },
  worker: { format: 'es' },
  build: {
    outDir: `${root}dist/renderer`,
    emptyOutDir: true,
    // Both doors bring a browser of today: Electron's own, or one that is kept up to date.
    target: 'es2023',
    modulePreload: { polyfill: false },
    // A source map would carry the paths of the machine that built it.
    sourcemap: false,
    // Everything is a file of its own: an address of data would go past the caches.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
  },
});
