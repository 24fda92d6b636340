import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrongroomError } from '../../shared/errors.ts';
import { nameFromBytes } from '../../shared/names.ts';
import type { NameKind } from '../../electron/engine/platform/names.ts';
import { hostNames, markedName, trueName } from '../../electron/engine/stores/folder/host-names.ts';
import { Spelling } from '../../electron/engine/stores/folder/spelling.ts';
import {
  deletionName,
  foundName,
  parseCopyName,
  timeLabel,
  versionName,
} from '../../electron/engine/stores/folder/version-names.ts';

const sha256 = '1a2b3c4d5e6f7a8b'.padEnd(64, '0');

describe('names of a folder store on the disk', () => {
  const path = (text: string, kind: NameKind): string =>
    hostNames({ source: 's', path: text }, kind).segments.slice(1).join('/');

  it('leaves on Linux everything as it is but the mark of escapes', () => {
    for (const plain of ['a:b?*|"<>', 'CON', 'end. ', `raw ${nameFromBytes(Uint8Array.of(0xff))}`, 'line\nbreak']) {
      assert.equal(path(plain, 'exact'), plain);
    }
    assert.equal(path('‛', 'exact'), '‛E2‛80‛9B');
  });

  it('escapes what the other kinds refuse', () => {
    assert.equal(path('a:b', 'windows'), 'a‛3Ab');
    assert.equal(path('a:b', 'unicode'), 'a:b');
    assert.equal(path('CON', 'windows'), 'CO‛4E');
    assert.equal(path('aux.txt', 'windows'), 'aux.tx‛74');
    assert.equal(path('end.', 'windows'), 'end‛2E');
    assert.equal(path(nameFromBytes(Uint8Array.of(0xff)), 'unicode'), '‛FF');
  });

  it('finds the way back for every kind', () => {
    const names = [
      '‛',
      '‛FF',
      'CON',
      'x. ',
      'a:b',
      '‛long',
      '‛(12345678)',
      'v0003 2026-11-20T101500Z 1a2b3c4d5e6f7a8b.tif',
    ];
    names.push(`‛${nameFromBytes(Uint8Array.of(0xff, 0x80))}‛E2`, `${nameFromBytes(Uint8Array.of(0xe2, 0x80))}‛9B`);
    for (const kind of ['exact', 'unicode', 'windows'] as const) {
      for (const name of names) assert.equal(trueName(path(name, kind)), name, `${kind}: ${name}`);
      for (const name of names) assert.equal(trueName(markedName(path(name, kind))), name, `${kind}: ${name}`);
    }
  });

  it('never gives a path a name that history gives a version', () => {
    for (const name of [versionName(3, { mtimeNs: 0n, sha256 }, 'a.tif'), foundName(0, sha256, 'a')]) {
      assert.notEqual(parseCopyName(name), undefined);
      assert.equal(parseCopyName(path(name, 'exact')), undefined);
    }
  });

  it('files a path that is too long under its digest, wherever the store lies', () => {
    for (const long of ['x'.repeat(256), Array(900).fill('abc').join('/')]) {
      const { segments, longDigest } = hostNames({ source: 's', path: long }, 'exact');
      assert.match(longDigest ?? '', /^[0-9a-f]{64}$/);
      assert.deepEqual(segments, ['s', '‛long', longDigest]);
    }
    assert.equal(hostNames({ source: 's', path: 'x'.repeat(255) }, 'exact').longDigest, undefined);
  });

  it('refuses what would leave the folder', () => {
    const refused = [
      ['s', '../x'],
      ['s', 'a/../../x'],
      ['s', '/etc/passwd'],
      ['s', ''],
      ['s', 'a//b'],
      ['s', 'a\0b'],
      ['s', '.'],
      ['..', 'x'],
      ['', 'x'],
      ['a/b', 'x'],
    ] as const;
    for (const [source, text] of refused) {
      assert.throws(
        () => hostNames({ source, path: text }, 'exact'),
        (error) => error instanceof StrongroomError && error.code === 'unsafe-path',
        `${source} ${text}`,
      );
    }
  });
});

describe('names of versions in history', () => {
  it('shows number, time, digest and extension', () => {
    const mtimeNs = BigInt(Date.UTC(2026, 10, 20, 10, 15)) * 1_000_000n + 999_999_999n;
    assert.equal(
      versionName(3, { mtimeNs, sha256 }, 'folder.x/map.tif'),
      'v0003 2026-11-20T101500Z 1a2b3c4d5e6f7a8b.tif',
    );
    assert.equal(versionName(12345, { mtimeNs, sha256 }, 'map', 2), 'v12345 2026-11-20T101500Z 1a2b3c4d5e6f7a8b-2');
    assert.equal(deletionName(0), 'deleted 1970-01-01T000000Z');
  });

  it('leaves out an extension that is long, odd or the whole name', () => {
    for (const path of ['a.', '.hidden', 'a.sixteen_and_more', 'a.b c', 'a.é', 'a.b:c', 'a.\uf7ff']) {
      assert.equal(versionName(1, { mtimeNs: 0n, sha256 }, path), 'v0001 1970-01-01T000000Z 1a2b3c4d5e6f7a8b', path);
    }
  });

  it('is read again, and nothing else is', () => {
    assert.deepEqual(parseCopyName('v0003 2026-11-20T101500Z 1a2b3c4d5e6f7a8b-2.tif'), {
      version: true,
      time: '2026-11-20T101500Z',
      digest: '1a2b3c4d5e6f7a8b',
    });
    assert.equal(parseCopyName(foundName(1e12, sha256, 'x.y', 3))?.version, false);
    for (const other of [
      '',
      '..',
      '../v0001 x',
      'deleted 2026-11-20T101500Z',
      `${versionName(1, { mtimeNs: 0n, sha256 }, 'a')}/x`,
    ]) {
      assert.equal(parseCopyName(other), undefined, other);
    }
  });

  it('has a label for every time', () => {
    assert.equal(timeLabel(-1n), '1969-12-31T235959Z');
    assert.equal(timeLabel(999_999_999n), '1970-01-01T000000Z');
    assert.equal(timeLabel(10n ** 30n), 'undated');
    assert.equal(timeLabel(400_000_000_000n * 1_000_000_000n), 'undated');
  });
});

describe('spelling on a disk that takes different names for one', () => {
  function disk(names: Record<string, string[]>): { spelling: Spelling; looks: () => number } {
    let looks = 0;
    const spelling = new Spelling((folder) => {
      looks += 1;
      return Promise.resolve(names[folder] ?? []);
    });
    return { spelling, looks: () => looks };
  }

  it('gives the first comer the plain name and later ones a mark, for files and folders', async () => {
    const { spelling } = disk({});
    assert.equal(await spelling.path('files', ['Plan', 'a.txt'], true), 'files/Plan/a.txt');
    const other = await spelling.path('files', ['plan', 'a.txt'], true);
    assert.match(other, /^files\/plan‛\([0-9a-f]{8}\)\/a\.txt$/);
    assert.equal(await spelling.path('files', ['plan', 'a.txt'], false), other);
    assert.equal(await spelling.path('files', ['Plan', 'a.txt'], true), 'files/Plan/a.txt');
    assert.match(await spelling.path('files', ['Plan', 'A.TXT'], true), /^files\/Plan\/A‛\([0-9a-f]{8}\)\.TXT$/);
  });

  it('takes composed and decomposed characters for one', async () => {
    const { spelling } = disk({ files: ['\u00e9'] });
    assert.equal(await spelling.path('files', ['\u00e9'], true), 'files/\u00e9');
    assert.equal(await spelling.path('files', ['e\u0301'], true), `files/${markedName('e\u0301')}`);
  });

  it('keeps the mark that a name has on the disk, also when it is alone now', async () => {
    const { spelling } = disk({ files: [markedName('plan')] });
    assert.equal(await spelling.path('files', ['plan'], false), `files/${markedName('plan')}`);
    assert.equal(await spelling.path('files', ['other'], false), 'files/other');
  });

  it('does not take a name that was only looked for', async () => {
    const { spelling } = disk({});
    await spelling.path('files', ['Plan'], false);
    assert.equal(await spelling.path('files', ['plan'], true), 'files/plan');
  });

  it('looks at a folder once, until it is told to forget', async () => {
    const { spelling, looks } = disk({ files: ['a'] });
    await Promise.all([spelling.path('files', ['a'], true), spelling.path('files', ['A'], true)]);
    assert.equal(looks(), 1);
    spelling.forget();
    await spelling.path('files', ['a'], true);
    assert.equal(looks(), 2);
  });
});
