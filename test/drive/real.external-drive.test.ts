/**
 * The contract suite against a real Google account. Opt-in: it runs only where these are set.
 *
 * STRONGROOM_REAL_DRIVE             the address of a scratch folder, as for a store: drive://root/Scratch
 * STRONGROOM_REAL_DRIVE_CREDENTIAL  the path of a file: a service account's key file, or what `signIn` gave, as JSON
 *
 * It makes a folder of its own below the scratch folder, and leaves it there for a person to delete. It takes some ten
 * thousand requests, and up to an hour at the pace that Google allows.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { GoogleAccess } from '../../electron/engine/signin/access.ts';
import { parseCredential, parseKeyFile } from '../../electron/engine/signin/client.ts';
import { retrying } from '../../electron/engine/stores/decorators/retrying.ts';
import { sleep } from '../../electron/engine/stores/decorators/sleep.ts';
import { openDriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import { requireLocator } from '../../electron/engine/stores/drive/locator.ts';
import { parseSpec } from '../../shared/spec.ts';
import { describeStoreContract } from '../contract/store-contract.ts';
import { signal } from '../contract/support.ts';
import { testSealer } from './lab.ts';

const clock = { now: () => Date.now() };

describeStoreContract(
  'Google Drive, a real account',
  async () => {
    const spec = parseSpec(process.env['STRONGROOM_REAL_DRIVE'] ?? '');
    assert.equal(spec.kind, 'drive');
    const text = await readFile(process.env['STRONGROOM_REAL_DRIVE_CREDENTIAL'] ?? '', 'utf8');
    const credential = text.includes('"service_account"') ? parseKeyFile(text) : parseCredential(text);
    const access = new GoogleAccess(credential, { clock, sleep });
    const path = `${spec.path}/contract-${randomBytes(4).toString('hex')}`.replace(/^\//, '');
    const store = await openDriveStore({ ...spec, path }, { access, clock, sealer: testSealer });
    return {
      store: retrying(store, { sleep, random: Math.random }),
      lose: async (copy) => {
        const id = requireLocator(copy.locator).fileId;
        const answer = await fetch(`https://www.googleapis.com/drive/v3/files/${id}?supportsAllDrives=true`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${await access.accessToken(signal)}` },
        });
        assert.ok(answer.ok, `deleting a file for good: ${answer.status}`);
      },
      dispose: () => Promise.resolve(),
    };
  },
  { marksDeletions: true, countsUnfinished: false },
);
