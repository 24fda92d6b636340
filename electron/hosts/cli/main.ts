import { enableCompileCache } from 'node:module';

// The compile cache keeps what Node makes of these sources, so that the next command starts at once.
enableCompileCache();
const { main } = await import('./program.ts');
await main();
