import { bundleDesktop } from './bundle.ts';

// `node build/desktop/main.ts` bundles the desktop program into dist/desktop.
await bundleDesktop();
