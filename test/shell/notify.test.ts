import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Attention } from '../../shared/contract/shapes.ts';
import { plainSettings, safeState, StandIn, StandInService, until } from './stand-in.ts';

const dayMs = 86_400_000;

function thing(id: string, action: Attention['action'] = null): Attention {
  return { id, title: `Title of ${id}`, detail: `Detail of ${id}`, since: 0, action };
}

describe('notifications', () => {
  let desktop: StandIn;
  let service: StandInService;
  beforeEach(() => {
    desktop = new StandIn();
    service = new StandInService();
  });
  afterEach(() => desktop.end());

  let told = 0;
  /** The service needs a person for these things now, and the shell has heard so. */
  const needs = async (...attention: Attention[]): Promise<void> => {
    told += 1;
    const sentence = `State ${told}.`;
    service.tell({ ...safeState, state: attention.length > 0 ? 'needs-you' : 'safe', sentence, attention });
    await until(() => desktop.tray.tooltip === `Strongroom: ${sentence}`);
  };
  const start = async (on: StandIn = desktop): Promise<void> => {
    await on.start({ args: ['--hidden'], home: desktop.home });
    on.child.run(() => Promise.resolve(service));
    // The settings are known, and with them whether anything may be said.
    service.settings = { ...service.settings, appearance: 'dark' };
    await until(() => on.tray.tooltip.includes('Strongroom: '));
    service.tell({ type: 'changed', what: ['settings'] });
    await until(() => on.theme.themeSource === 'dark');
  };
  const titles = (): (string | undefined)[] => desktop.notices.map(({ options }) => options.title);

  it('come when a person is needed, and for nothing else', async () => {
    await start();
    service.tell({ ...safeState, state: 'offline', sentence: 'Offline.' });
    await until(() => desktop.tray.tooltip === 'Strongroom: Offline.');
    assert.deepEqual(titles(), []);
    await needs(thing('sign-in'));
    assert.deepEqual(titles(), ['Title of sign-in']);
    assert.equal(desktop.notices[0]?.options.body, 'Detail of sign-in');
    assert.equal(desktop.notices[0].shown, true);
  });

  it('come once for a thing, however often it is told of, and after a restart too', async () => {
    await start();
    await needs(thing('a'));
    await needs(thing('a'));
    await needs(thing('a'), thing('b'));
    assert.deepEqual(titles(), ['Title of a', 'Title of b']);
    desktop.time.pass(30 * dayMs);
    await needs(thing('b'), thing('a'));
    assert.equal(desktop.notices.length, 2);

    const nextDay = new StandIn();
    await start(nextDay);
    assert.deepEqual(nextDay.notices, []);
    nextDay.end();
  });

  it('come once for a thing that comes and goes, and again when it had been settled for a day', async () => {
    await start();
    await needs(thing('share'));
    await needs();
    desktop.time.pass(dayMs - 60_000);
    await needs(thing('share'));
    assert.equal(desktop.notices.length, 1);
    await needs();
    desktop.time.pass(dayMs);
    await needs(thing('share'));
    assert.equal(desktop.notices.length, 2);
  });

  it('come together where several things need a person', async () => {
    await start();
    await needs(...['a', 'b', 'c', 'd', 'e'].map((id) => thing(id)));
    assert.deepEqual(titles(), ['5 things need you']);
    assert.equal(desktop.notices[0]?.options.body, 'Title of a\nTitle of b\nTitle of c\nand 2 more');
  });

  it('tell the folders of one server that is off as one thing, and one that goes later by itself', async () => {
    await start();
    const folder = (name: string): Attention => ({
      ...thing(name, { do: 'sync', source: name }),
      away: { source: name, root: `\\\\server\\share\\${name}` },
    });
    const off = ['a', 'b', 'c', 'd', 'e'].map(folder);
    await needs(...off);
    await needs(...off, folder('f'));
    await needs(...off, folder('f'), thing('x'), ...['g', 'h', 'i'].map(folder));
    assert.deepEqual(titles(), ['5 folders on \\\\server\\share cannot be reached', 'Title of f', '2 things need you']);
    assert.match(desktop.notices[0]?.options.body ?? '', /^They are the folders of “a”, “b”, “c” and 2 others\. /);
    assert.equal(desktop.notices[2]?.options.body, 'Title of x\n3 folders on \\\\server\\share cannot be reached');
  });

  it('open the window at the thing', async () => {
    await start();
    const pressed = async (action: Attention['action']): Promise<unknown> => {
      await needs(thing(`thing ${told}`, action));
      desktop.notices.at(-1)?.emit('click');
      desktop.window.finishLoading();
      const route = desktop.window.webContents.sent.at(-1)?.values[0];
      // Closing it makes the next notice one of somebody who does not look.
      desktop.window.pressClose();
      return route;
    };
    assert.equal(await pressed({ do: 'see-run', run: 12 }), '/activity?run=12');
    assert.equal(await pressed({ do: 'sign-in', store: 'Drive & co' }), '/stores?store=%22Drive%20%26%20co%22');
    assert.equal(await pressed({ do: 'move-source', source: 'Masters' }), '/sources?edit=%22Masters%22');
    assert.equal(await pressed({ do: 'accept-changes', source: 'Masters' }), '/');
    assert.equal(await pressed(null), '/');
  });

  it('are not needed by somebody who has the window before them', async () => {
    await desktop.start();
    desktop.child.run(() => Promise.resolve(service));
    desktop.window.finishLoading();
    desktop.window.focused = true;
    await needs(thing('a'));
    await turn();
    assert.deepEqual(titles(), []);
  });

  it('stay away where the settings say so, and come for what is still open when they are wanted again', async () => {
    service.settings = { ...plainSettings, notifications: false };
    await start();
    await needs(thing('a'));
    assert.deepEqual(titles(), []);
    service.settings = { ...plainSettings, notifications: true };
    service.tell({ type: 'changed', what: ['settings'] });
    await until(() => desktop.notices.length === 1);
  });
});
