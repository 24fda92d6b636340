import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { EngineState } from '../../electron/desktop/engine-process.ts';
import { trayModel, type TrayItem, type TrayState } from '../../electron/desktop/tray-model.ts';
import type { AppState, RunProgressShape, SourceShape } from '../../shared/contract/shapes.ts';
import { safeState, StandIn, StandInService, until } from './stand-in.ts';

const now = new Date(2026, 2, 10, 14, 30).getTime();
const running: EngineState = { kind: 'running' };

function source(change: Partial<SourceShape> = {}): SourceShape {
  return {
    name: 'Masters',
    root: '/mnt/masters',
    rules: { include: [], exclude: [], defaults: true },
    cadence: { everyMinutes: 30, watch: true },
    addedAt: now,
    pausedUntil: null,
    reachable: true,
    files: 10,
    bytes: 1_000,
    versions: 12,
    copies: [copy('Drive', 'complete'), copy('S3', 'complete')],
    lastRun: {
      id: 7,
      source: 'Masters',
      startedAt: now - 120_000,
      endedAt: now - 60_000,
      outcome: 'done',
      numbers: { seen: 10, added: 2, changed: 1, deleted: 0, moved: 0, unchanged: 7, skipped: 0, failed: 0 },
      stores: [],
      questioned: null,
    },
    nextRunAt: now + 60_000,
    running: false,
    ...change,
  };
}

function copy(store: string, state: SourceShape['copies'][number]['state']): SourceShape['copies'][number] {
  const counts = { pending: 0, pendingBytes: 0, stored: 10, verified: 0, bad: 0 };
  return { store, kind: 'folder', state, ...counts, problem: null };
}

function progress(
  bytesSent: number,
  pendingBytes: number,
  phase: RunProgressShape['phase'] = 'copying',
): RunProgressShape {
  const counts = { copied: 0, pendingCopies: 1, rate: 0, remainingMs: null, inFlight: [], problem: null };
  const stores = [{ store: 'S3', bytesSent, pendingBytes, ...counts }];
  return { run: 1, source: 'Masters', startedAt: now, phase, filesSeen: 1, bytesHashed: 1, stores };
}

function model(change: Partial<TrayState> = {}): ReturnType<typeof trayModel> {
  return trayModel({ engine: running, live: safeState, runs: [], sources: [source()], ...change }, now, 'en-GB');
}

function labels(items: readonly TrayItem[]): string[] {
  return items.flatMap((item) => (item.kind === 'separator' ? ['—'] : [item.label]));
}

function item(items: readonly TrayItem[], label: string): TrayItem {
  const all = items.flatMap((one) => (one.kind === 'menu' ? [one, ...one.items] : [one]));
  const found = all.find((one) => one.kind !== 'separator' && one.label === label);
  assert.ok(found, `${label} is not among ${labels(all).join(', ')}`);
  return found;
}

describe('what the tray shows', () => {
  it('has the state, the last run, a line a source, and all that can be done', () => {
    const { items, tooltip, picture } = model();
    assert.deepEqual(labels(items), [
      'All copies are up to date.',
      'Last run, 14:29: 2 new, 1 changed',
      '—',
      'Masters: all copies up to date',
      '—',
      'Sync now',
      'Pause',
      '—',
      'Restore a file…',
      'Open Strongroom',
      '—',
      'Quit Strongroom',
    ]);
    assert.equal(tooltip, 'Strongroom: All copies are up to date.');
    assert.equal(picture, 'safe');
  });

  it('has a picture for each state', () => {
    const pictures = (['needs-you', 'paused', 'offline', 'working', 'safe'] satisfies AppState[]).map(
      (state) => model({ live: { ...safeState, state } }).picture,
    );
    assert.deepEqual(pictures, ['needs-you', 'paused', 'offline', 'working-0', 'safe']);
  });

  it('fills the ring by what has been copied', () => {
    const live = { ...safeState, state: 'working' as const };
    const ring = (...runs: RunProgressShape[]): string => model({ live, runs }).picture;
    assert.equal(ring(progress(0, 800)), 'working-0');
    assert.equal(ring(progress(399, 401)), 'working-3');
    assert.equal(ring(progress(400, 400)), 'working-4');
    assert.equal(ring(progress(800, 0)), 'working-8');
    assert.equal(ring(progress(300, 100), progress(100, 300)), 'working-4');
    assert.equal(ring(progress(700, 100, 'scanning')), 'working-0');
    assert.equal(ring(progress(0, 0)), 'working-0');
  });

  it('pauses for an hour, until six the next morning, or until somebody resumes', () => {
    const { items } = model();
    const pausesUntil = (label: string): unknown => {
      const found = item(items, label);
      return found.kind === 'action' && found.action.do === 'pause' ? found.action.until : undefined;
    };
    assert.equal(pausesUntil('For 1 hour'), now + 3_600_000);
    assert.equal(pausesUntil('Until tomorrow'), new Date(2026, 2, 11, 6, 0).getTime());
    assert.equal(pausesUntil('Until I resume'), 'forever');
  });

  it('offers to resume, and no run, while it is paused', () => {
    const paused = model({ live: { ...safeState, state: 'paused', pausedUntil: now + 3_600_000 } }).items;
    assert.equal(item(paused, 'Resume (paused until 15:30)').kind, 'action');
    const sync = item(paused, 'Sync now');
    assert.equal(sync.kind === 'action' && sync.enabled, false);
    const forever = model({ live: { ...safeState, state: 'paused', pausedUntil: 'forever' } }).items;
    assert.ok(item(forever, 'Resume'));
  });

  it('folds the folders of one place that cannot be reached, whichever system writes their paths', () => {
    const away = (...roots: readonly string[]): SourceShape[] =>
      roots.map((root, index) => source({ name: `Source ${index}`, root, reachable: false }));
    const lines = (sources: readonly SourceShape[]): string[] =>
      labels(model({ sources }).items).slice(3, labels(model({ sources }).items).indexOf('Sync now') - 1);
    const share = Array.from({ length: 1_200 }, (_, index) => `\\\\Server\\share\\folder ${index}`);
    assert.deepEqual(lines([source(), ...away(...share)]), [
      'Masters: all copies up to date',
      '1,200 folders on \\\\Server\\share cannot be reached',
    ]);
    const folded = item(
      model({ sources: away(...share) }).items,
      '1,200 folders on \\\\Server\\share cannot be reached',
    );
    assert.deepEqual(folded.kind === 'action' && folded.action, { do: 'open', route: '/' });
    const place = (...roots: readonly string[]): string[] =>
      lines(away(...roots)).flatMap((line) => /^3 folders (.+) cannot be reached$/.exec(line)?.[1] ?? []);
    assert.deepEqual(place('//server/scans', '\\\\SERVER\\Maps\\a', '\\\\server\\maps\\b'), ['on \\\\server']);
    assert.deepEqual(place('S:\\a', 's:\\b\\c', 'S:/d'), ['on S:']);
    assert.deepEqual(place('/mnt/nas/a', '/mnt/nas/b/c', '/mnt/nas/d'), ['in /mnt/nas']);
    assert.deepEqual(place('/mnt/a', '/mnt/b', '/mnt/c'), ['in /mnt']);
    // Nothing in common, or too few: each is told by itself. What was asked of a person, or paused, is told as that.
    assert.deepEqual(place('/a', '/b', '/c'), []);
    assert.deepEqual(place('/mnt/a', '/srv/b', 'S:\\c'), []);
    assert.deepEqual(lines(away('/mnt/a', '/mnt/b')).length, 2);
    const [first, ...others] = away('/mnt/a', '/mnt/b', '/mnt/c');
    assert.ok(first !== undefined);
    assert.equal(lines([{ ...first, pausedUntil: 'forever' }, ...others]).length, 3);
  });

  it('says of each source what is the matter with it', () => {
    const line = (change: Partial<SourceShape>): string =>
      labels(model({ sources: [source(change)] }).items).find((label) => label.startsWith('Masters')) ?? '';
    const lastRun = source().lastRun;
    assert.ok(lastRun);
    assert.equal(line({ lastRun: { ...lastRun, outcome: 'needs-approval' } }), 'Masters: waits for your answer');
    assert.equal(line({ pausedUntil: 'forever' }), 'Masters: paused');
    assert.equal(line({ reachable: false }), 'Masters: the folder cannot be reached');
    assert.equal(line({ copies: [copy('S3', 'stopped')] }), 'Masters: needs you');
    assert.equal(line({ running: true }), 'Masters: working');
    assert.equal(line({ lastRun: null }), 'Masters: not copied yet');
    assert.equal(
      line({ copies: [copy('Drive', 'complete'), copy('S3', 'behind'), copy('Disk', 'behind')] }),
      'Masters: still to be copied to S3, Disk',
    );
  });

  it('tells of a run without changes, of none, and of one on another day', () => {
    const lastRun = source().lastRun;
    assert.ok(lastRun);
    const said = (change: SourceShape['lastRun']): string | undefined =>
      labels(model({ sources: [source({ lastRun: change })] }).items)[1];
    const numbers = { ...lastRun.numbers, added: 0, changed: 0, deleted: 1_200 };
    assert.equal(said({ ...lastRun, numbers }), 'Last run, 14:29: 1,200 gone');
    assert.equal(said({ ...lastRun, numbers: { ...numbers, deleted: 0 } }), 'Last run, 14:29: nothing changed');
    assert.equal(said({ ...lastRun, endedAt: now - 86_400_000 }), 'Last run, 9 Mar 2026, 14:30: 2 new, 1 changed');
    assert.equal(said({ ...lastRun, endedAt: null, outcome: null }), 'No run yet');
  });

  it('stays short with many sources, and on one line with hostile names', () => {
    const many = Array.from({ length: 11 }, (_, index) => source({ name: `Share ${index}` }));
    const { items } = model({ sources: many });
    assert.equal(labels(items).filter((label) => label.startsWith('Share')).length, 8);
    assert.ok(item(items, '3 more…'));
    const hostile = source({ name: `a\nb\u202egpj.exe${'x'.repeat(300)}` });
    const [line = ''] = labels(model({ sources: [hostile] }).items).filter((label) => label.startsWith('a'));
    assert.match(line, /^a\ufffdb\ufffdgpj\.exex+…: all copies up to date$/);
    assert.ok(line.length < 70);
    const long = model({ live: { ...safeState, sentence: '🗄'.repeat(100) } }).tooltip;
    assert.ok(long.length <= 127 && !/[\ud800-\udbff]…$/.test(long));
  });

  it('says what happens while no engine runs, and offers only what works then', () => {
    const waiting = model({ engine: { kind: 'waiting' }, live: undefined });
    assert.match(waiting.tooltip, /stopped; it is being started again/);
    for (const label of ['Sync now', 'For 1 hour', 'Restore a file…']) {
      const found = item(waiting.items, label);
      assert.equal(found.kind === 'action' && found.enabled, false, label);
    }
    for (const label of ['Open Strongroom', 'Quit Strongroom']) {
      const found = item(waiting.items, label);
      assert.equal(found.kind === 'action' && found.enabled, true, label);
    }
  });
});

describe('the tray', () => {
  let desktop: StandIn;
  let service: StandInService;
  beforeEach(() => {
    desktop = new StandIn();
    service = new StandInService();
    service.sources = [source()];
  });
  afterEach(() => desktop.end());

  const run = async (): Promise<void> => {
    desktop.child.run(() => Promise.resolve(service));
    await until(() => desktop.tray.menu.some(({ label }) => label?.startsWith('Masters') === true));
    await until(() => desktop.tray.tooltip.includes(safeState.sentence));
  };

  it('does what its menu says', async () => {
    await desktop.start({ args: ['--hidden'] });
    await run();
    desktop.tray.press('Sync now');
    desktop.tray.press('For 1 hour');
    desktop.tray.press('Until I resume');
    await until(() => service.asked.length === 3);
    const hour = desktop.time.now() + 3_600_000;
    assert.deepEqual(service.asked, ['sync', `pause until ${hour}`, 'pause until forever']);
    service.tell({ ...safeState, state: 'paused', sentence: 'Paused.', pausedUntil: 'forever' });
    await until(() => desktop.tray.tooltip === 'Strongroom: Paused.');
    desktop.tray.press('Resume');
    await until(() => service.asked.includes('resume'));
    desktop.tray.press('Quit Strongroom');
    await until(() => desktop.app.quits === 1);
  });

  it('reckons an hour from when it is pressed, not from when the menu was made', async () => {
    await desktop.start({ args: ['--hidden'] });
    await run();
    desktop.time.pass(5 * 3_600_000);
    desktop.tray.press('For 1 hour');
    await until(() => service.asked.length === 1);
    assert.equal(service.asked[0], `pause until ${desktop.time.now() + 3_600_000}`);
  });

  it('opens the window where a file can be found', async () => {
    await desktop.start({ args: ['--hidden'] });
    await run();
    desktop.tray.press('Restore a file…');
    desktop.window.finishLoading();
    assert.deepEqual(desktop.window.webContents.sent.at(-1)?.values, ['/browse']);
    desktop.tray.press('Masters: all copies up to date');
    const [route] = desktop.window.webContents.sent.at(-1)?.values ?? [];
    assert.equal(JSON.parse(new URLSearchParams(String(route).split('?')[1]).get('source') ?? ''), 'Masters');
  });

  it('leaves an open menu alone while nothing in it is different', async () => {
    await desktop.start({ args: ['--hidden'] });
    await run();
    const menus = desktop.tray.menusSet;
    desktop.time.pass(1_000);
    service.tell({ ...safeState, state: 'working' });
    service.tell({ type: 'progress', runs: [progress(400, 400)] });
    await until(() => desktop.tray.image.endsWith('working-4.png'));
    assert.equal(desktop.tray.menusSet, menus);
  });

  it('draws for the bar that it stands in', async () => {
    await desktop.start({ args: ['--hidden'] });
    assert.equal(desktop.tray.image, '/built/icons/tray/light-24/working-0.png');
    desktop.theme.shouldUseDarkColorsForSystemIntegratedUI = true;
    desktop.theme.emit('updated');
    assert.equal(desktop.tray.image, '/built/icons/tray/dark-24/working-0.png');
    for (const [platform, image] of [
      ['win32', '/built/icons/tray/light/working-0.png'],
      ['darwin', '/built/icons/tray/template/working-0Template.png'],
    ] as const) {
      const other = new StandIn();
      other.platform = platform;
      await other.start({ args: ['--hidden'] });
      assert.equal(other.tray.image, image);
      other.end();
    }
  });

  it('shows an ampersand in a name, and takes it for no key', async () => {
    service.sources = [source({ name: 'Maps & Plans' })];
    await desktop.start({ args: ['--hidden'] });
    desktop.child.run(() => Promise.resolve(service));
    await until(() => desktop.tray.menu.some(({ label }) => label === 'Maps && Plans: all copies up to date'));
  });
});
