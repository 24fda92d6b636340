import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { errnoOf } from '../../engine/platform/failures.ts';
import { addressAnswer, addressPath, type OneTimeAddress, type WebHost } from './server.ts';

/** Where a running web host can be reached, in the home, which only its user may read. */
const hostFile = z.object({
  origin: z.string().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/),
  key: z.string(),
});

/** What the home's lock says of its owner (`engine/catalog/lock.ts`). */
const ownerFile = z.object({ process: z.int() });

const patienceMs = 3_000;

/**
 * Each host leaves word under its own process number: one that waits for the home, because another has it, must not take
 * that one's word away, least of all while it is only slow to answer.
 */
const hostPath = (home: string, pid: number): string => path.join(home, `web-host-${pid}.json`);
const hostName = /^web-host-(\d+)\.json$/;

/** Leaves word of a host for as long as it runs. @returns how to take the word back. */
export function announceHost(home: string, { origin, key }: WebHost): () => void {
  // One that was killed could not take its word back.
  for (const name of fs.readdirSync(home)) {
    const [, pid] = hostName.exec(name) ?? [];
    if (pid !== undefined && !isThere(Number(pid))) fs.rmSync(path.join(home, name), { force: true });
  }
  const file = hostPath(home, process.pid);
  // Of an earlier process of this number, whose mode a write would keep.
  fs.rmSync(file, { force: true });
  const content: z.infer<typeof hostFile> = { origin, key };
  fs.writeFileSync(file, JSON.stringify(content), { mode: 0o600, flag: 'wx' });
  return () => fs.rmSync(file, { force: true });
}

/** What came of asking for the web host that works in a home. */
export type Running =
  | { readonly is: 'there'; readonly address: OneTimeAddress }
  /** It has the home, and does not answer. */
  | { readonly is: 'silent'; readonly process: number }
  /** Nobody has it, or another kind of Strongroom: then the word that a killed host left is not believed. */
  | { readonly is: 'none' };

/**
 * Asks the web host that works in a home for a new address. To be asked where the home's lock is taken.
 *
 * @param ownUserOnly see `Tokens.issue`.
 */
export async function askRunningHost(home: string, ownUserOnly: boolean): Promise<Running> {
  const owner = readJson(path.join(home, 'owner.json'), ownerFile);
  const host = owner === undefined ? undefined : readJson(hostPath(home, owner.process), hostFile);
  if (owner === undefined || host === undefined) return { is: 'none' };
  const answer = addressAnswer.safeParse(await post(host.origin, JSON.stringify({ key: host.key, ownUserOnly })));
  return answer.success && answer.data.address.startsWith(`${host.origin}/`)
    ? { is: 'there', address: answer.data }
    : { is: 'silent', process: owner.process };
}

/** Whether there is a process of that number, of whichever user. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
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
