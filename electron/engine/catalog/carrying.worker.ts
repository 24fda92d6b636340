import { parentPort, workerData } from 'node:worker_threads';
import { Connection } from './database.ts';

/** While it carries over, more is committed: again so often at most, for only a log that is done with is begun anew. */
const mostRounds = 4;

const port = parentPort;
if (port === null) throw new Error('carrying.worker.ts runs as a worker');
const connection = new Connection(workerData as string, { readonly: false, cacheKilobytes: 64 });

port.on('message', (message: 'carry' | 'close') => {
  if (message === 'close') {
    connection.close();
    port.close();
    return;
  }
  try {
    for (let round = 0; round < mostRounds; round += 1) {
      const state = connection.get<{ log: number; checkpointed: number }>('PRAGMA wal_checkpoint(PASSIVE)');
      if (state === undefined || state.checkpointed >= state.log) break;
    }
  } catch {
    // A full or failing disk: whoever writes meets it as well, and says so.
  }
});
