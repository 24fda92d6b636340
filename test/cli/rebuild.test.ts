import fs from 'node:fs';
import { rebuildCases } from './rebuild-cases.ts';

rebuildCases('folder', (desk) =>
  Promise.resolve({
    spec: desk.disk('second'),
    removeJournals: () => {
      fs.rmSync(desk.at('disks/second/strongroom/sources'), { recursive: true });
      return Promise.resolve();
    },
  }),
);
