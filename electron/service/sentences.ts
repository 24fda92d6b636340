import type { HistoryEvent } from '../../shared/contract/shapes.ts';
import type { EventRecord } from '../engine/catalog/events.ts';
import type { Figures } from './figures.ts';
import { quoted } from './text.ts';

/** An event as the window shows it. */
export function describeEvent(event: EventRecord, figures: Figures): HistoryEvent {
  const { id, at, kind, source, store, path } = event;
  return {
    id,
    at,
    kind,
    source,
    store,
    path: path ?? textOf(event, 'path') ?? null,
    ...(textOf(event, 'thing') === 'folder' && { folder: true }),
    sentence: sentenceOf(event, figures),
  };
}

function sentenceOf(event: EventRecord, figures: Figures): string {
  const source = quoted(event.source ?? 'a removed source');
  const store = quoted(event.store ?? textOf(event, 'name') ?? 'a removed store');
  const path = event.path ?? textOf(event, 'path');
  const file = path === undefined ? 'a file' : quoted(path);
  switch (event.kind) {
    case 'source-added':
      return `${source} is protected from here on.`;
    case 'source-removed':
      return `${source} is not protected any more. Its copies stayed where they are.`;
    case 'store-added':
      return `The store ${store} was added.`;
    case 'store-removed':
      return `The store ${store} is not used any more. What it holds stayed there.`;
    case 'mass-change-stopped': {
      const [changed, gone] = [numberOf(event, 'changed'), numberOf(event, 'gone')];
      return `Unusually much had changed in ${source} (${figures.count(changed, 'file')} changed, ${figures.number(gone)} gone). None of it was copied, and a person was asked.`;
    }
    case 'changes-accepted':
      return path === undefined
        ? `A person accepted the changes in ${source}: ${figures.count(numberOf(event, 'changed'), 'file')} changed, ${figures.number(numberOf(event, 'deleted'))} gone.`
        : `A person accepted the new content of ${file} in ${source}.`;
    case 'suspected-decay':
      return `The content of ${file} in ${source} was different from before, although its size and date were the same. The good copies were kept.`;
    case 'decay-cleared':
      return `${file} in ${source} is as it was before.`;
    case 'copy-lost-before-replication':
      return `A version of ${file} was replaced before it could be copied, so ${store} does not have it.`;
    case 'fixity-confirmed':
      return `The copies of ${source} in ${store} were checked and are good.`;
    case 'fixity-failed':
      return `A copy of ${file} in ${store} was found damaged or missing.`;
    case 'copy-foreign':
      return `In ${store}, ${handWork(event)}.`;
    case 'changes-missed':
      return `${store} could not tell everything that people changed in it by hand. Only a check of every copy finds that.`;
    case 'restored': {
      const files = numberOf(event, 'files');
      const place = textOf(event, 'place') ?? textOf(event, 'target');
      const to = place === undefined ? '' : ` to ${place}`;
      if (textOf(event, 'thing') === 'file') return `${file} of ${source} was restored${to}.`;
      const folder = path === undefined || path === '' ? source : `the folder ${file} in ${source}`;
      return `${figures.count(files, 'file')} of ${folder} ${files === 1 ? 'was' : 'were'} restored${to}.`;
    }
    case 'restore-fell-back':
      return `While ${file} of ${source} was being restored, its copy in ${store} could not be used, so it was taken from another one.`;
    case 'catalog-rebuilt':
      return `The catalog, which knows every file and copy, was made anew from ${store}.`;
    case 'journal-imported':
      return `What another computer copied of ${source} was read from ${store}.`;
  }
}

/** What people did in a store by themselves. */
function handWork(event: EventRecord): string {
  const path = event.path ?? textOf(event, 'path');
  const where = path === undefined || path === '' ? '' : ` ${quoted(path)}`;
  const thing = textOf(event, 'thing') ?? 'file';
  switch (textOf(event, 'change')) {
    case 'edited':
      return `somebody put other content over the ${thing}${where}`;
    case 'moved':
      return `somebody renamed or moved the ${thing}${where}`;
    case 'trashed':
      return `somebody put the ${thing}${where} into the trash; it was taken out again`;
    case 'removed':
      return `somebody removed the ${thing}${where}`;
    default:
      return `somebody added the ${thing}${where}, which Strongroom leaves alone`;
  }
}

function textOf({ detail }: EventRecord, key: string): string | undefined {
  const value = detail[key];
  return typeof value === 'string' ? value : undefined;
}

function numberOf({ detail }: EventRecord, key: string): number {
  const value = detail[key];
  return typeof value === 'number' ? value : 0;
}
