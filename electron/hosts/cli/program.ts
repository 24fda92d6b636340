import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Command, CommanderError, Option } from 'commander';
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors.ts';
import { fail } from './context.ts';
import { exitCodes } from './exit.ts';
import { plain } from './terminal.ts';

// Commander hands an action its arguments, options and command; each verb's own file knows which.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
type Action = (...given: any[]) => Promise<void> | void;

/** Loads a verb's file only when the verb is called. */
function lazily<Module extends Record<string, unknown>>(load: () => Promise<Module>, name: keyof Module): Action {
  return async (...given: unknown[]) => {
    const command = given.at(-1) as Command;
    try {
      await ((await load())[name] as Action)(...given);
    } catch (error) {
      fail(error, command.optsWithGlobals<{ json?: boolean }>().json === true);
    }
  };
}

function verb(parent: Command, words: string, summary: string, example: string): Command {
  return parent
    .command(words)
    .description(summary)
    .addHelpText('after', `\nExample:\n  ${example.replaceAll('\n', '\n  ')}`);
}

const several = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

function withRules(command: Command): Command {
  return command
    .option('--exclude <pattern>', 'leave out what matches (gitignore syntax; may be given more than once)', several)
    .option('--include <pattern>', 'take in what matches, whatever excludes it', several)
    .option('--no-default-excludes', 'take in Thumbs.db, .DS_Store, *.tmp and the like too');
}

function withKey(command: Command): Command {
  return command
    .option('--ask-key', 'ask for an access key and keep it in the keychain (or the encrypted vault file)')
    .option(
      '--key-file <file>',
      'keep the key in a JSON file: {"accessKeyId", "secretAccessKey"}, or of a Google service account',
    )
    .option('--client <file>', 'sign in to Google Drive with the browser, by this client of your institution')
    .option('--all-files', 'let Strongroom see all files of the Google account, not only its own');
}

/**
 * The whole command line.
 *
 * @param json whether what was typed wrongly is told by {@link main}, as JSON, instead of in the library's words.
 */
function makeProgram(json: boolean): Command {
  const program = new Command('strongroom')
    .description('Keeps copies of folders in other stores, remembers every version, and gives them back.')
    .option(
      '--home <folder>',
      "where Strongroom keeps its own data (default: the platform's usual place; also STRONGROOM_HOME)",
    )
    .option('--json', 'print one JSON object instead of text')
    .addOption(new Option('--log <file>', 'append a line for every request to a store'))
    .addHelpText('after', moreHelp)
    .configureOutput({
      writeErr: (text) => {
        // What was typed may hold a file's name, and that anything.
        if (!json) process.stderr.write(withoutValues(text).split('\n').map(plain).join('\n'));
      },
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help to see what can be said, and an example.')
    .exitOverride();

  withKey(
    withRules(
      verb(
        program,
        'protect <folder>',
        'Add what is missing, copy once, and say what was done.',
        'strongroom protect /srv/scans --to folder:///mnt/second-disk/copies --to s3://library-copies/scans?region=eu-central-1',
      )
        .option(
          '--to <store>',
          'a store, by name or as folder:///path, s3://bucket/prefix or drive://folder/path (may be given more than once)',
          several,
        )
        .option('--name <name>', "the source's name (default: the folder's own)")
        .option('--accept-changes', 'go on although an unusual share was changed or removed')
        .option('--enable-versioning', 'turn on versioning for a bucket that has it off'),
    ),
  ).action(lazily(() => import('./commands/protect.ts'), 'protect'));

  const source = program.command('source').description('The folders that are protected.');
  withRules(
    verb(source, 'add <folder>', 'Add a folder without copying it yet.', 'strongroom source add /srv/scans --to copies')
      .option('--to <store>', 'a store, by name', several)
      .option('--name <name>', "the source's name (default: the folder's own)"),
  ).action(lazily(() => import('./commands/source.ts'), 'addSource'));
  verb(source, 'list', 'List the sources.', 'strongroom source list').action(
    lazily(() => import('./commands/source.ts'), 'listSources'),
  );
  withRules(
    verb(
      source,
      'edit <name>',
      'Change where a source is, what it takes in, or where it is copied to.',
      'strongroom source edit scans --root /mnt/new/scans',
    )
      .option('--root <folder>', 'where the folder is now')
      .option('--to <store>', 'copy it to this store too', several)
      .option('--not-to <store>', 'copy nothing more to this store; what it holds stays there', several),
  ).action(lazily(() => import('./commands/source.ts'), 'editSource'));
  verb(source, 'remove <name>', 'Stop protecting a folder. Its copies stay.', 'strongroom source remove scans').action(
    lazily(() => import('./commands/source.ts'), 'removeSource'),
  );

  const store = program.command('store').description('The places that hold copies.');
  withKey(
    verb(
      store,
      'add <spec>',
      'Add a store.',
      'strongroom store add folder:///mnt/second-disk/copies\nstrongroom store add "s3://library-copies/scans?endpoint=https://s3.campus.example" --ask-key\nstrongroom store add drive://root/Strongroom --client client_secret.json',
    )
      .option('--name <name>', "the store's name (default: the folder's or bucket's own)")
      .option('--enable-versioning', 'turn on versioning for a bucket that has it off'),
  ).action(lazily(() => import('./commands/store.ts'), 'addStore'));
  verb(store, 'list', 'List the stores.', 'strongroom store list').action(
    lazily(() => import('./commands/store.ts'), 'listStores'),
  );
  verb(
    store,
    'check <name>',
    'Prove with real requests all that a store must be able to do.',
    'strongroom store check copies',
  ).action(lazily(() => import('./commands/store.ts'), 'checkStore'));
  verb(
    store,
    'policy <store>',
    'Print the smallest IAM policy that suffices for an S3 store.',
    'strongroom store policy s3://library-copies/scans',
  ).action(lazily(() => import('./commands/store.ts'), 'printPolicy'));
  withKey(
    verb(
      store,
      'key <name>',
      'Keep another key for a store, or sign in to it again.',
      'strongroom store key library-copies\nstrongroom store key Strongroom --client client_secret.json',
    ),
  ).action(lazily(() => import('./commands/store.ts'), 'setStoreKey'));
  verb(store, 'limit <name>', 'Limit the bandwidth to a store.', 'strongroom store limit library-copies --upload 10M')
    .option('--upload <rate>', 'bytes a second: 500K, 10M, none')
    .option('--download <rate>', 'bytes a second: 500K, 10M, none')
    .action(lazily(() => import('./commands/store.ts'), 'limitStore'));
  verb(
    store,
    'remove <name>',
    'Stop using a store. What it holds stays there.',
    'strongroom store remove copies',
  ).action(lazily(() => import('./commands/store.ts'), 'removeStore'));

  verb(program, 'sync [source]', 'Copy what is new and changed, of one source or of all.', 'strongroom sync scans')
    .option(
      '--accept-changes',
      'go on although an unusual share was changed or removed, or content changed under the same time',
    )
    .option('--rehash', 'read every file again, to find content that changed although size and time did not')
    .action(lazily(() => import('./commands/sync.ts'), 'sync'));
  verb(
    program,
    'watch',
    'Stay: react to changes, and look through everything on schedule.',
    'strongroom watch --every 30',
  )
    .option('--every <minutes>', 'how often every source is looked through', '30')
    .action(lazily(() => import('./commands/watch.ts'), 'watch'));
  verb(
    program,
    'serve',
    'Show the window in a browser of this computer, and keep everything copied meanwhile.',
    'strongroom serve --no-open --port 8311',
  )
    .option('--port <number>', 'the port of 127.0.0.1 (default: a free one)')
    .option('--no-open', 'open no browser; the address is printed')
    .action(lazily(() => import('./commands/serve.ts'), 'serve'));
  verb(program, 'status [source]', 'Is everything safe?', 'strongroom status').action(
    lazily(() => import('./commands/status.ts'), 'status'),
  );
  verb(program, 'runs [source]', 'What was done lately.', 'strongroom runs scans --problems')
    .option('--limit <number>', 'how many', '20')
    .option('--problems', 'with everything that could not be done')
    .action(lazily(() => import('./commands/history.ts'), 'runs'));
  verb(program, 'events [source]', 'What happened to what is kept.', 'strongroom events --limit 100')
    .option('--limit <number>', 'how many', '50')
    .action(lazily(() => import('./commands/history.ts'), 'events'));
  verb(program, 'ls <place>', 'List a folder as it is, or as it was.', 'strongroom ls scans:box-12 --at yesterday')
    .option('--at <time>', 'as of then: 2026-03-31, "2 hours ago", yesterday')
    .action(lazily(() => import('./commands/history.ts'), 'list'));
  verb(
    program,
    'versions <place>',
    'List every version of a file and where its copies are.',
    'strongroom versions scans:box-12/page-001.tif',
  ).action(lazily(() => import('./commands/history.ts'), 'versions'));
  verb(program, 'search <text>', 'Find files by any part of their path.', 'strongroom search page-001')
    .option('--limit <number>', 'how many', '50')
    .action(lazily(() => import('./commands/history.ts'), 'search'));
  verb(
    program,
    'restore <place>',
    'Give back a file, a folder or a source.',
    'strongroom restore scans:box-12/page-001.tif --version 2 --into /tmp/look\nstrongroom restore scans --at yesterday --into /srv/recovered',
  )
    .option('--at <time>', 'as it was then: 2026-03-31, "2 hours ago", yesterday')
    .addOption(new Option('--version <number>', 'a version of a file, from 1').argParser((value: string) => value))
    .option('--into <folder>', 'where to (default: its own place)')
    .option('--from <store>', 'read from this store only')
    .option('--conflict <answer>', 'where another file lies there: skip, keep-both or overwrite', 'skip')
    .action(lazily(() => import('./commands/restore.ts'), 'restore'));
  verb(
    program,
    'verify [source]',
    'Check that every copy is where and what it should be.',
    'strongroom verify --store copies --deep',
  )
    .option('--store <name>', 'this store only')
    .option('--deep', 'read every byte back')
    .action(lazily(() => import('./commands/verify.ts'), 'verify'));
  withKey(
    verb(
      program,
      'rebuild',
      'Make a new catalog from what a store holds.',
      'strongroom rebuild --from folder:///mnt/second-disk/copies',
    )
      .requiredOption('--from <spec>', 'the store, as folder:///path, s3://bucket/prefix or drive://folder/path')
      .option('--name <name>', "the store's name from now on")
      .option('--without-journals', "use the store's own listing only"),
  ).action(lazily(() => import('./commands/rebuild.ts'), 'rebuild'));
  const catalog = program.command('catalog').description("Strongroom's own memory.");
  verb(catalog, 'check', 'Read the whole catalog, and list its checkpoints.', 'strongroom catalog check').action(
    lazily(() => import('./commands/catalog.ts'), 'checkCatalog'),
  );
  verb(catalog, 'restore', 'Go back to the last good checkpoint.', 'strongroom catalog restore').action(
    lazily(() => import('./commands/catalog.ts'), 'restoreCatalog'),
  );
  verb(
    program,
    'schema [command...]',
    'Print the JSON Schema of what a command prints with --json.',
    'strongroom schema status',
  ).action(lazily(() => import('./commands/schema.ts'), 'schema'));
  return program;
}

const moreHelp = `
In a terminal, p pauses a run and goes on with it, and Ctrl-C ends it cleanly. "strongroom --version" names the version.

Exit codes:
  0  everything that was asked for is done
  1  something was not done, and was listed
  2  it cannot be done as asked; nothing was changed
  3  a mass change was stopped for a person to decide
  4  another process or workstation is at work
  5  the catalog is damaged or missing; ways out were named
  130  cancelled`;

/**
 * Runs the command line of this process. Sets the exit code; never throws.
 *
 * @param argv as `process.argv` has it: the words begin with the third.
 */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  // A reader that goes away (\`strongroom ls | head\`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    throw error;
  });
  if (argv.length === 3 && argv[2] === '--version') {
    // No option of the program: "restore --version 2" means another.
    process.stdout.write(`${ownVersion()}\n`);
    return;
  }
  const json = argv.includes('--json');
  try {
    await makeProgram(json).parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) fail(error, json);
    else if (error.exitCode === 0) process.exitCode = exitCodes.done;
    else if (json) fail(wrongUsage(error), true);
    else process.exitCode = exitCodes.usage;
  }
}

function ownVersion(): string {
  const file = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(file)).version;
}

/** What was given to an option that does not exist may be a secret, which nothing repeats. */
function withoutValues(text: string): string {
  return text.replace(/(option '--?[^'=]*)=[^\n]*'/g, "$1=…'");
}

function wrongUsage(error: CommanderError): StrongroomError {
  const message =
    error.code === 'commander.help' ? 'A command is missing.' : withoutValues(error.message.replace(/^error: /, ''));
  return new StrongroomError('usage', message, { advice: '"strongroom --help" lists the commands.' });
}
