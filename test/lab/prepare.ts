import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Something that this machine cannot have, and why, in a sentence for the end of the test output. */
export interface NotRun {
  readonly notRun: string;
}

/** Whether an answer says that the thing cannot be had. */
export function isNotRun(answer: object): answer is NotRun {
  return 'notRun' in answer;
}

/** The servers that are run from a Debian root of their own, so that nothing is installed on the machine itself. */
export type RootName = 'ceph' | 'moto';

// Debian's development suite: the stable Ceph neither stores nor checks SHA-256 checksums.
const suite = 'sid';
const packagesOf: Record<RootName, readonly string[]> = {
  ceph: ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'],
  moto: ['python3-moto', 'python3-flask-cors', 'ca-certificates'],
};

/**
 * Makes sure that the Debian root of a server is there, making it when it is not: about a minute, some 600 MB, once. It
 * is kept in `$STRONGROOM_LAB`, or `$XDG_CACHE_HOME/strongroom-lab`, or `~/.cache/strongroom-lab`. Safe to call from
 * several processes at once. Never throws for what the machine lacks.
 */
export async function prepareRoot(name: RootName): Promise<{ readonly folder: string } | NotRun> {
  if (process.platform !== 'linux') return { notRun: `${name} needs Linux, and this is ${process.platform}` };
  if (process.getuid?.() !== 0) return { notRun: `${name} runs in a root of its own, which needs the root user` };
  const namespaces = await runCommand('unshare', [
    '--mount',
    '--pid',
    '--fork',
    'setpriv',
    '--pdeathsig',
    'KILL',
    'true',
  ]);
  if (!namespaces.ok) return { notRun: `${name} needs private namespaces: ${namespaces.lastLines}` };

  const cache =
    process.env['STRONGROOM_LAB'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'strongroom-lab');
  const folder = join(cache, 'roots', name);
  if (existsSync(join(folder, '.ok'))) return { folder };

  const tool = await prepareProgram('mmdebstrap');
  if (isNotRun(tool)) return { notRun: `the root of ${name} could not be made: ${tool.notRun}` };
  const mirror = await debianMirror();
  if (mirror === undefined) return { notRun: `the root of ${name} could not be made: apt knows no Debian mirror` };
  console.log(`lab: making the root of ${name}, once, in ${folder}`);
  const script = join(import.meta.dirname, 'debian-root.sh');
  const made = await runCommand('bash', [script, suite, folder, mirror, packagesOf[name].join(',')]);
  return made.ok ? { folder } : { notRun: `the root of ${name} could not be made: ${made.lastLines}` };
}

/**
 * Makes sure that a program is on the path, installing the Debian package of the same name when it is not. Never throws
 * for what the machine lacks.
 */
export async function prepareProgram(name: string): Promise<{ readonly program: string } | NotRun> {
  return prepare(name, () => Promise.resolve(isOnPath(name)));
}

/** As {@link prepareProgram}, for a package that brings no program: `probe` is a command that succeeds once it is there. */
export async function preparePackage(
  name: string,
  [command, ...args]: readonly [string, ...string[]],
): Promise<{ readonly program: string } | NotRun> {
  return prepare(name, async () => (await runCommand(command, args)).ok);
}

async function prepare(name: string, isThere: () => Promise<boolean>): Promise<{ readonly program: string } | NotRun> {
  if (await isThere()) return { program: name };
  if (!isDebian() || !isOnPath('apt-get')) return { notRun: `${name} is not installed, and this is not Debian` };
  if (process.getuid?.() !== 0) return { notRun: `${name} is not installed, and installing it needs the root user` };
  console.log(`lab: installing ${name}`);
  const install = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', name];
  let installed = await runCommand('apt-get', install);
  if (!installed.ok) {
    // The lists of a fresh machine are missing, or name versions that the mirror does not hold any more.
    await runCommand('apt-get', ['update']);
    installed = await runCommand('apt-get', install);
  }
  return installed.ok ? { program: name } : { notRun: `${name} could not be installed: ${installed.lastLines}` };
}

/** The machine's own mirror: it is known to be reachable from here, and is the nearest one. */
async function debianMirror(): Promise<string | undefined> {
  if (!isDebian()) return undefined;
  const targets = await runCommand('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE)']);
  const main = targets.output.split('\n').find((line) => /^https?:\S+ \S+$/.test(line) && !line.includes('security'));
  return main?.split(' ')[0];
}

function isDebian(): boolean {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, program)));
}

interface CommandResult {
  readonly ok: boolean;
  readonly output: string;
  /** The end of the output on one line, for a message. */
  readonly lastLines: string;
}

async function runCommand(program: string, args: readonly string[]): Promise<CommandResult> {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  const output: string[] = [];
  child.stdout.on('data', (text: Buffer) => output.push(text.toString()));
  child.stderr.on('data', (text: Buffer) => output.push(text.toString()));
  const ok = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      output.push(error.message);
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  const text = output.join('');
  return { ok, output: text, lastLines: text.trim().split('\n').slice(-5).join(' | ') };
}
