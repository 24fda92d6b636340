import fs from 'node:fs';
import { tamperingCases } from './tampering-cases.ts';

tamperingCases('folder', (desk) =>
  Promise.resolve({
    spec: desk.disk('tampered'),
    name: 'tampered',
    deep: true,
    damage: (path) => {
      fs.writeFileSync(desk.at('disks/tampered/files/scans', path), 'DAMAGED!');
      return Promise.resolve();
    },
    swap: (left, right) => {
      const [from, to] = [left, right].map((path) => desk.at('disks/tampered/files/scans', path)) as [string, string];
      fs.renameSync(from, `${from}.aside`);
      fs.renameSync(to, from);
      fs.renameSync(`${from}.aside`, to);
      return Promise.resolve();
    },
    remove: (path) => {
      fs.rmSync(desk.at('disks/tampered/files/scans', path));
      return Promise.resolve();
    },
  }),
);
