import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  errnoOf,
  localWriteCode,
  saysNoLinks,
  sourceReadCode,
  storeCode,
} from '../../electron/engine/platform/failures.ts';
import { defaultHome } from '../../electron/engine/platform/home.ts';
import { longPath, nameKindOf, windowsForbids, windowsRefuses } from '../../electron/engine/platform/names.ts';
import { platformOf } from '../../electron/engine/platform/platform.ts';
import { safeRestorePath } from '../../electron/engine/platform/restore-path.ts';
import { fileTime, sameTime } from '../../electron/engine/platform/times.ts';
import { nameFromBytes } from '../../shared/names.ts';
import { seededRandom } from '../faults/random.ts';

describe('names on Windows', () => {
  it('are refused for devices, with an extension too, and for a trailing dot or space', () => {
    for (const name of [
      'CON',
      'nul',
      'Com1',
      'LPT9.txt',
      'aux.tar.gz',
      'COM¹',
      'con .txt',
      'CONOUT$',
      'a.',
      'a ',
      '...',
    ]) {
      assert.ok(windowsRefuses(name), name);
    }
    for (const name of ['CONSOLE', 'COM', 'COM10', 'a.CON', 'null', 'LPT', '.a', ' a'])
      assert.ok(!windowsRefuses(name), name);
  });

  it('do not hold these characters', () => {
    for (const character of '<>:"/|?*\\\n\u0000\u001f') {
      if (character !== '/') assert.ok(windowsForbids(character), JSON.stringify(character));
    }
    for (const character of "aé' [];!~") assert.ok(!windowsForbids(character), character);
  });

  it('are reached at any length by a prefix', () => {
    assert.equal(longPath('C:\\a/b', 'win32'), '\\\\?\\C:\\a\\b');
    assert.equal(longPath('//server/share/a', 'win32'), '\\\\?\\UNC\\server\\share\\a');
    for (const path of ['\\\\?\\C:\\a', '\\\\.\\pipe\\x', 'relative\\a']) assert.equal(longPath(path, 'win32'), path);
    assert.equal(longPath('/a/b', 'linux'), '/a/b');
  });
});

describe('platforms', () => {
  it('are three', () => {
    assert.deepEqual(['win32', 'darwin', 'linux', 'freebsd'].map(platformOf), ['win32', 'darwin', 'linux', 'linux']);
    assert.deepEqual((['win32', 'darwin', 'linux'] as const).map(nameKindOf), ['windows', 'unicode', 'exact']);
  });

  it('have their own place for an app', () => {
    assert.equal(defaultHome('linux', {}, '/home/a'), '/home/a/.local/share/strongroom');
    assert.equal(defaultHome('linux', { XDG_DATA_HOME: '/data' }, '/home/a'), '/data/strongroom');
    assert.equal(defaultHome('linux', { XDG_DATA_HOME: 'data' }, '/home/a'), '/home/a/.local/share/strongroom');
    assert.equal(defaultHome('darwin', {}, '/Users/a'), '/Users/a/Library/Application Support/Strongroom');
    assert.equal(defaultHome('win32', { LOCALAPPDATA: 'D:\\Local' }, 'C:\\a'), 'D:\\Local\\Strongroom');
    assert.equal(defaultHome('win32', { LOCALAPPDATA: 'odd' }, 'C:\\a'), 'C:\\a\\AppData\\Local\\Strongroom');
  });
});

describe('failures of the system', () => {
  it('are known by their code', () => {
    assert.equal(errnoOf(Object.assign(new Error('x'), { code: 'ENOENT' })), 'ENOENT');
    assert.equal(errnoOf(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_VALUE' })), undefined);
    assert.equal(errnoOf(Object.assign(new Error('x'), { code: 5 })), undefined);
    assert.equal(errnoOf('ENOENT'), undefined);
  });

  it('mean this for a file of a source', () => {
    const expected = {
      EACCES: 'file-unreadable',
      EPERM: 'file-unreadable',
      EBUSY: 'file-locked',
      ETXTBSY: 'file-locked',
      ENOENT: 'file-vanished',
      EIO: 'source-unreachable',
      ESTALE: 'source-unreachable',
      ENOTCONN: 'source-unreachable',
      EHOSTDOWN: 'source-unreachable',
      EHOSTUNREACH: 'source-unreachable',
      ENETUNREACH: 'source-unreachable',
      ETIMEDOUT: 'source-unreachable',
      ENXIO: 'source-unreachable',
      ENAMETOOLONG: 'path-too-long',
      ELOOP: 'file-unreadable',
    };
    for (const [errno, code] of Object.entries(expected)) assert.equal(sourceReadCode(errno, 'linux'), code, errno);
    assert.equal(sourceReadCode('UNKNOWN', 'win32'), 'source-unreachable');
    assert.equal(sourceReadCode('UNKNOWN', 'linux'), 'file-unreadable');
  });

  it('mean this where something is written', () => {
    assert.deepEqual(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO', 'EBUSY'].map(localWriteCode), [
      'disk-full',
      'disk-full',
      'disk-read-only',
      'disk-read-only',
      'disk-error',
      'disk-error',
    ]);
    assert.equal(storeCode('UNKNOWN', 'win32'), 'store-unreachable');
    assert.ok(saysNoLinks('EPERM', 'linux') && saysNoLinks('EMLINK', 'linux') && saysNoLinks('EISDIR', 'win32'));
    assert.ok(!saysNoLinks('EEXIST', 'linux') && !saysNoLinks('EISDIR', 'linux') && !saysNoLinks('ENOSPC', 'linux'));
  });
});

describe('modification times', () => {
  it('are set to the microsecond, before 1970 too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-times-'));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const random = seededRandom(7);
    const times = [0n, 1n, -1n, -1000n, -1_500_000_000n, 1_700_000_000_999_999_999n, 1_700_000_000_000_000_999n];
    for (let index = 0; index < 500; index += 1) {
      times.push(BigInt(Math.floor(random() * 4e9 - 1e9)) * 1_000_000_000n + BigInt(Math.floor(random() * 1e9)));
    }
    for (const time of times) {
      utimesSync(file, fileTime(time), fileTime(time));
      const { mtimeNs } = lstatSync(file, { bigint: true });
      assert.ok(sameTime(mtimeNs, time), `${time} became ${mtimeNs}`);
    }
    rmSync(folder, { recursive: true });
  });

  it('are one only within the same microsecond', () => {
    assert.ok(sameTime(1000n, 1999n) && sameTime(-1n, -1000n));
    assert.ok(!sameTime(999n, 1000n) && !sameTime(-1n, 0n));
  });
});

describe('the path of a restored file', () => {
  const safe = (path: string, platform: 'linux' | 'darwin' | 'win32' = 'win32'): string => {
    const result = safeRestorePath(path, platform);
    assert.ok(result.kind === 'safe', path);
    return result.path;
  };
  const changes = (path: string, platform: 'linux' | 'darwin' | 'win32' = 'win32'): readonly string[] => {
    const result = safeRestorePath(path, platform);
    return result.kind === 'safe' ? result.changed : [result.reason];
  };

  it('is refused where it could leave the folder', () => {
    const refused = {
      '': 'empty',
      '/etc/passwd': 'absolute',
      '..': 'leaves-folder',
      'a/../../b': 'leaves-folder',
      'a//b': 'leaves-folder',
    };
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      for (const [path, reason] of Object.entries({
        ...refused,
        'a\0b': 'nul',
        './a': 'leaves-folder',
        'a/': 'leaves-folder',
      })) {
        assert.deepEqual(safeRestorePath(path, platform), { kind: 'refused', reason }, path);
      }
    }
    for (const path of ['C:\\x', 'c:/x', 'c:', '\\\\server\\share'])
      assert.deepEqual(changes(path), ['absolute'], path);
    for (const path of ['a\\..\\..\\x', 'a/..\\x']) assert.deepEqual(changes(path), ['leaves-folder'], path);
  });

  it('is as it was wherever that is possible', () => {
    for (const path of ['a/b.txt', 'Zo\u00eb/\u{1f389}', '.hidden']) {
      for (const platform of ['linux', 'darwin', 'win32'] as const) {
        assert.deepEqual(safeRestorePath(path, platform), { kind: 'safe', path, changed: [] });
      }
    }
    for (const path of ['CON', 'a:b', 'a\\..\\b', 'C:\\x', 'end.', nameFromBytes(Uint8Array.of(0xff))]) {
      assert.equal(safe(path, 'linux'), path);
    }
  });

  it('keeps names apart that are changed, and says why', () => {
    const cases = {
      'a:b.txt': ['a_b~', 'forbidden-character'],
      'a?b.txt': ['a_b~', 'forbidden-character'],
      'b/c:x': ['b/c_x~', 'forbidden-character'],
      'CON.txt': ['_CON~', 'reserved-name'],
      'end. ': ['end__~', 'trailing-dot-or-space'],
      [`x${nameFromBytes(Uint8Array.of(0xff))}`]: ['x_~', 'not-unicode'],
    };
    for (const [path, [start, why]] of Object.entries(cases)) {
      assert.ok(safe(path).startsWith(start ?? ''), safe(path));
      assert.ok(!windowsRefuses(safe(path)));
      assert.deepEqual(changes(path), [why]);
      assert.equal(safe(path), safe(path));
    }
    assert.notEqual(safe('a:b.txt'), safe('a?b.txt'));
    assert.ok(safe('a:b.txt').endsWith('.txt'));
    assert.deepEqual(changes(nameFromBytes(Uint8Array.of(0xff)), 'darwin'), ['not-unicode']);
  });

  it('is cut where a segment is too long, at whole characters', () => {
    for (const [one, other] of [
      [`${'\u{1f389}'.repeat(100)}.tif`, `${'\u{1f389}'.repeat(101)}.tif`],
      ['x'.repeat(300), 'x'.repeat(301)],
    ] as const) {
      for (const platform of ['linux', 'win32'] as const) {
        assert.ok(Buffer.byteLength(safe(one, platform)) <= 255);
        assert.ok(safe(one, platform).isWellFormed());
        assert.notEqual(safe(one, platform), safe(other, platform));
        assert.deepEqual(changes(one, platform), ['too-long']);
      }
    }
    assert.equal(safe('x'.repeat(255), 'linux'), 'x'.repeat(255));
  });
});
