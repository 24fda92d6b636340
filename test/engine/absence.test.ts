import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { withoutPrivileges } from '../cli/kit.ts';
import { Bench, manyFiles, tempFolder } from './kit.ts';

/** Invariant 2: no tombstone without proof. */

test('a root that is missing, empty, a file, or replaced by an empty folder records no deletion', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 5) });
  await bench.syncDone();
  const known = bench.paths();
  const away = path.join(bench.folder, 'away');

  fs.renameSync(bench.root, away);
  const missing = await bench.sync();
  assert.deepEqual([missing.outcome, missing.codes], ['failed', ['source-unreachable']]);

  fs.mkdirSync(bench.root);
  const empty = await bench.sync();
  assert.deepEqual([empty.outcome, empty.codes], ['failed', ['source-emptied']]);
  // Not even where a person accepts what an earlier run questioned: nothing was questioned here.
  const accepted = await bench.sync({ acceptChanges: true });
  assert.deepEqual([accepted.outcome, accepted.codes], ['failed', ['source-emptied']]);

  fs.rmdirSync(bench.root);
  fs.writeFileSync(bench.root, 'a file');
  const file = await bench.sync();
  assert.deepEqual([file.outcome, file.codes], ['failed', ['source-not-a-folder']]);

  fs.rmSync(bench.root);
  fs.symlinkSync(away, bench.root);
  assert.equal((await bench.sync()).outcome, 'failed');

  fs.rmSync(bench.root);
  fs.renameSync(away, bench.root);
  assert.deepEqual(bench.paths(), known);
  const back = await bench.syncDone();
  assert.deepEqual([back.summary.unchanged, back.summary.deleted, back.summary.added], [5, 0, 0]);
});

test('a root that is replaced or emptied while it is read records no deletion', async (t) => {
  for (const replace of [
    (root: string) => fs.renameSync(root, `${root}-away`),
    (root: string) => {
      fs.renameSync(root, `${root}-away`);
      fs.mkdirSync(root);
    },
    (root: string) => {
      fs.renameSync(root, `${root}-away`);
      fs.mkdirSync(root);
      fs.writeFileSync(path.join(root, 'other.txt'), 'another share');
    },
  ]) {
    await t.test(replace.toString(), async (part) => {
      const bench = await Bench.create(part, { files: { ...manyFiles('a', 30), 'z/last.txt': 'last' } });
      await bench.syncDone();
      const known = bench.paths();
      bench.write('a/new.txt', 'makes the first batch wait at the gate');
      let gates = 0;
      const run = await bench.sync({
        gate: () => {
          gates += 1;
          if (gates === 1) replace(bench.root);
          return Promise.resolve();
        },
      });
      assert.ok(gates > 0);
      assert.equal(run.outcome, 'failed');
      assert.ok(run.codes.includes('source-unreachable'), run.codes.join());
      assert.equal(run.summary.deleted, 0);
      assert.deepEqual(
        known.filter((name) => !bench.paths().includes(name)),
        [],
      );
    });
  }
});

/** Runs a shell script with mounts of its own, which are gone when it ends. */
async function inOwnMounts(script: string, environment: Record<string, string>): Promise<string> {
  const unprivileged = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const child = spawn('unshare', [...unprivileged, '--mount', '--propagation', 'private', 'bash', '-euc', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  return outputOf(child);
}

async function outputOf(child: ReturnType<typeof spawn>): Promise<string> {
  let output = '';
  let complaints = '';
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (complaints += text.toString()));
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 0, `${output}\n${complaints}`);
  return output;
}

interface Told {
  readonly exit: number;
  readonly outcome: string;
  readonly codes: string[];
  readonly deleted: number;
}

const commandLine = path.resolve(import.meta.dirname, '../../electron/hosts/cli/main.ts');
/** Shell: runs the command line and prints its JSON on one line, ended by the exit code. */
const tell = `tell() { set +e; out=$("$NODE" "$PROGRAM" --home "$HOME_FOLDER" --json "$@"); code=$?; set -e; echo "{\\"exit\\":$code,\\"said\\":$out}" | tr -d '\\n'; echo; }`;

function toldBy(output: string): Told[] {
  return output
    .trim()
    .split('\n')
    .map((line) => {
      const { exit, said } = JSON.parse(line) as {
        exit: number;
        said: { runs: { outcome: string; problems: { code: string }[]; deleted: number }[] };
      };
      const run = said.runs[0];
      return {
        exit,
        outcome: run?.outcome ?? '',
        codes: run?.problems.map((problem) => problem.code) ?? [],
        deleted: run?.deleted ?? -1,
      };
    });
}

test('a share that is not mounted any more, as a root or inside one, records no deletion', async (t) => {
  const folder = tempFolder(t);
  const environment = {
    NODE: process.execPath,
    PROGRAM: commandLine,
    ROOT: path.join(folder, 'share'),
    OUTER: path.join(folder, 'outer'),
    STORE: path.join(folder, 'copies'),
    HOME_FOLDER: path.join(folder, 'home'),
  };
  const output = await inOwnMounts(
    `${tell}
     mkdir -p "$ROOT" "$OUTER/inner"
     # What shows when the share is gone is not even empty.
     echo 'left by mistake' > "$ROOT/stray.txt"
     echo 'left by mistake' > "$OUTER/inner/stray.txt"
     mount -t tmpfs tmpfs "$ROOT"
     mount -t tmpfs tmpfs "$OUTER/inner"
     for n in 1 2 3; do echo $n > "$ROOT/$n.txt"; echo $n > "$OUTER/inner/$n.txt"; done
     echo outside > "$OUTER/outside.txt"
     tell protect "$ROOT" --to "folder://$STORE"
     tell protect "$OUTER" --to "folder://$STORE"
     umount "$ROOT"
     umount "$OUTER/inner"
     echo changed > "$OUTER/outside.txt"
     tell sync share
     tell sync outer
     rm "$OUTER/inner/stray.txt"
     tell sync outer
     rmdir "$OUTER/inner"
     tell sync outer
     echo 1 > "$OUTER/copied out before.txt"
     tell sync outer`,
    environment,
  );
  const [root, outer, rootGone, innerGone, innerEmpty, innerRemoved, copiedOut] = toldBy(output);
  assert.deepEqual([root?.exit, outer?.exit], [0, 0], output);
  assert.deepEqual(rootGone, { exit: 1, outcome: 'failed', codes: ['source-unreachable'], deleted: 0 });
  const expected = { exit: 1, outcome: 'incomplete', codes: ['source-unreachable'], deleted: 0 };
  assert.deepEqual(innerGone, expected);
  assert.deepEqual(innerEmpty, expected);
  assert.deepEqual(innerRemoved, expected, 'a mount point that was removed is no proof either');
  assert.deepEqual(copiedOut, expected, 'nor is a file elsewhere with the same content');
  assert.equal(fs.readFileSync(path.join(folder, 'copies/files/outer/outside.txt'), 'utf8'), 'changed\n');
  for (const name of ['1.txt', '2.txt', '3.txt']) {
    assert.ok(fs.existsSync(path.join(folder, 'copies/files/share', name)));
    assert.ok(fs.existsSync(path.join(folder, 'copies/files/outer/inner', name)));
  }
});

test('what may not be read protects everything below it, and is listed', async (t) => {
  const folder = tempFolder(t);
  const root = path.join(folder, 'source');
  for (const name of ['open/a.txt', 'shut/b.txt', 'shut/deep/c.txt', 'd.txt', 'gone.txt', 'e.txt']) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), name);
  }
  // Root may read everything; this run gives that up, and is somebody like others.
  const run = async (...args: string[]): Promise<Told> => {
    const [program = 'bash', ...words] = [...withoutPrivileges, 'bash', '-euc', `${tell}\ntell "$@"`, 'tell', ...args];
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE: process.execPath, PROGRAM: commandLine, HOME_FOLDER: path.join(folder, 'home') },
    });
    const [told] = toldBy(await outputOf(child));
    assert.ok(told !== undefined);
    return told;
  };
  const first = await run('protect', root, '--to', `folder://${path.join(folder, 'copies')}`);
  assert.deepEqual([first.exit, first.codes], [0, []]);

  fs.chmodSync(path.join(root, 'shut'), 0o000);
  fs.rmSync(path.join(root, 'gone.txt'));
  fs.writeFileSync(path.join(root, 'e.txt'), 'changed');
  fs.chmodSync(path.join(root, 'e.txt'), 0o000);
  const half = await run('sync');
  assert.equal(half.outcome, 'incomplete');
  assert.notEqual(half.exit, 0);
  assert.deepEqual(half.codes.toSorted(), ['file-unreadable', 'file-unreadable']);
  assert.equal(half.deleted, 1, 'what could be seen to be gone is gone');

  // Readable names, but no way to look at what they name.
  fs.chmodSync(path.join(root, 'shut'), 0o400);
  const listed = await run('sync');
  assert.notEqual(listed.outcome, 'done');
  assert.equal(listed.deleted, 0);

  fs.chmodSync(path.join(root, 'shut'), 0o755);
  fs.chmodSync(path.join(root, 'e.txt'), 0o644);
  const whole = await run('sync');
  assert.deepEqual([whole.exit, whole.outcome, whole.deleted], [0, 'done', 0]);

  fs.chmodSync(root, 0o000);
  const shut = await run('sync');
  assert.deepEqual([shut.exit, shut.outcome, shut.codes, shut.deleted], [1, 'failed', ['source-unreadable'], 0]);
  fs.chmodSync(root, 0o755);
});
