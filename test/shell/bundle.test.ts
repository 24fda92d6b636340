import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { bundleDesktop, nativePackages } from '../../build/desktop/bundle.ts';
import type { Contract } from '../../shared/contract/contract.ts';
import { contentAnswer, type ContentMessage, type ToEngine } from '../../electron/hosts/utility/messages.ts';

/*
 * The bundled engine under plain Node: a thread in place of Electron's utility process, with Node's message ports. The
 * bundle lies in the project, because it finds its libraries with native code in the project's node_modules.
 */
describe('the bundled desktop program', () => {
  let folder: string;
  let scratch: string;
  let engine: Worker;

  before(async () => {
    mkdirSync('dist', { recursive: true });
    folder = mkdtempSync('dist/bundle-test-');
    scratch = mkdtempSync(join(tmpdir(), 'strongroom-bundle-'));
    await bundleDesktop(join(process.cwd(), folder));
    engine = new Worker(join(process.cwd(), folder, 'engine.js'), {
      argv: ['--home', join(scratch, 'home')],
      env: { ...process.env, STRONGROOM_PASSPHRASE: 'a passphrase of the test' },
    });
  });

  after(async () => {
    await engine.terminate();
    rmSync(folder, { recursive: true });
    rmSync(scratch, { recursive: true });
  });

  const tell = (message: ToEngine): MessageChannel['port1'] => {
    const { port1, port2 } = new MessageChannel();
    engine.postMessage({ message, port: port2 }, [port2]);
    return port1;
  };

  it('opens the engine, makes a copy of a folder with its threads, and gives a version back', async () => {
    const [said] = (await once(engine, 'message')) as [unknown];
    assert.deepEqual(said, { kind: 'ready' });
    const port = tell({ kind: 'serve' });
    const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port }));
    port.start();
    const root = join(scratch, 'masters');
    mkdirSync(root);
    writeFileSync(join(root, 'page 1.txt'), 'the first page');
    await client.stores.add({ kind: 'folder', name: 'second disk', path: join(scratch, 'disk') });
    const rules = { include: [], exclude: [], defaults: true };
    const cadence = { everyMinutes: 60, watch: false };
    const events = await client.app.live();
    await client.sources.add({ root, name: 'masters', rules, cadence, stores: ['second disk'] });
    await client.sources.sync({ name: 'masters' });
    for await (const event of events) {
      if (event.type === 'changed' && existsSync(join(scratch, 'disk/files/masters/page 1.txt'))) {
        const [source] = await client.sources.list();
        if (source?.copies[0]?.state === 'complete' && !source.running) break;
      }
    }
    assert.equal(readFileSync(join(scratch, 'disk/files/masters/page 1.txt'), 'utf8'), 'the first page');
    assert.equal((await client.app.about()).version, versionOfProject());

    const ticket = await client.browse.content({ source: 'masters', path: 'page 1.txt', version: 1 });
    const content = tell({ kind: 'content', ticket: ticket.url.split('/').at(-1) ?? '', range: 'bytes=4-8' });
    const answers: ContentMessage[] = [];
    content.on('message', (message) => {
      const answer = contentAnswer.parse(message);
      answers.push(answer);
      if (answer.kind === 'end' || answer.kind === 'failed') content.close();
      else content.postMessage('next');
    });
    await once(content, 'close');
    const [head] = answers;
    assert.equal(head?.kind === 'head' && head.status, 206);
    const bytes = answers.flatMap((answer) => (answer.kind === 'bytes' ? [answer.bytes] : []));
    assert.equal(Buffer.concat(bytes).toString(), 'first');
    port.close();
  });

  it('ends in good order when it is told to', async () => {
    const ended = once(engine, 'exit');
    tell({ kind: 'close' });
    const [code] = (await ended) as [number];
    assert.equal(code, 0);
    // The next start believes a catalog that was closed well without reading it through.
    assert.ok(!existsSync(join(scratch, 'home/catalog.db-wal')), readdirSync(join(scratch, 'home')).join(', '));
  });

  it('needs nothing of node_modules but what has native code', () => {
    const wanted = new Set<string>();
    for (const name of readdirSync(folder).filter((file) => /\.c?js$/.test(file))) {
      const code = readFileSync(join(folder, name), 'utf8');
      const forms = [
        /^(?:import|export) (?:[^'"`]+ from )?"([^."][^"]*)";?$/gm,
        /\bimport\("([^."][^"]*)"\)/g,
        /\b__require\("([^."][^"]*)"\)/g,
      ];
      for (const [, module] of forms.flatMap((form) => [...code.matchAll(form)])) {
        if (module !== undefined && !isBuiltin(module)) wanted.add(module);
      }
    }
    assert.deepEqual([...wanted].sort(), ['electron', ...nativePackages].sort());
  });

  it('has a preload that is one file and loads Electron alone, as the sandbox asks', () => {
    const code = readFileSync(join(folder, 'preload.cjs'), 'utf8');
    const loaded = [...code.matchAll(/require\(([^)]*)\)/g)].map(([, name]) => name);
    assert.deepEqual(loaded, ['"electron"']);
    assert.ok(!code.includes('import('));
  });
});

function versionOfProject(): string {
  return (JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }).version;
}
