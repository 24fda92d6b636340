import { keepCompiled } from '../thrift.ts';

// Before anything else is loaded, so that the next command starts at once.
keepCompiled();
const { main } = await import('./program.ts');
await main();
