import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { addressAnswer, addressPath, type OneTimeAddress, type WebHost } from './server.ts';

/** Where a running web host can be reached, in the home, which only its user may read. */
const hostFile = z.object({
  process: z.int(),
  origin: z.string().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/),
  key: z.string(),
});

/** What the home's lock says of its owner (`engine/catalog/lock.ts`). */
const ownerFile = z.object({ process: z.int() });

const patienceMs = 3_000;

const hostPath = (home: string): string => path.join(home, 'web-host.json');

/** Leaves word of a host for as long as it runs. @returns how to take the word back. */
export function announceHost(home: string, { origin, key }: WebHost): () => void {
  const file = hostPath(home);
  // One that was killed left a file, whose mode a write would keep.
  fs.rmSync(file, { force: true });
  const content: z.infer<typeof hostFile> = { process: process.pid, origin, key };
  fs.writeFileSync(file, JSON.stringify(content), { mode: 0o600, flag: 'wx' });
  return () => fs.rmSync(file, { force: true });
}

/**
 * Asks the web host that works in a home for a new address. `undefined` where none does: where another kind of
 * Strongroom has the home's lock, the word that a killed host left is not believed.
 *
 * @param ownUserOnly see `Tokens.issue`.
 */
export async function askRunningHost(home: string, ownUserOnly: boolean): Promise<OneTimeAddress | undefined> {
  const host = readJson(hostPath(home), hostFile);
  const owner = readJson(path.join(home, 'owner.json'), ownerFile);
  if (host === undefined || host.process !== owner?.process) return undefined;
  const answer = addressAnswer.safeParse(await post(host.origin, JSON.stringify({ key: host.key, ownUserOnly })));
  return answer.success && answer.data.address.startsWith(`${host.origin}/`) ? answer.data : undefined;
}

function readJson<Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** The JSON that a host answers with; `undefined` where it does not answer. */
function post(origin: string, body: string): Promise<unknown> {
  return new Promise((resolve) => {
    const request = http.request(`${origin}${addressPath}`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(patienceMs),
    });
    request.once('error', () => resolve(undefined));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', () => resolve(undefined));
      response.once('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch {
          resolve(undefined);
        }
      });
    });
    request.end(body);
  });
}
