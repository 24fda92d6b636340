import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BandwidthHours } from '../../shared/contract/shapes.ts';
import { parseSpec } from '../../shared/spec.ts';
import {
  daysInWords,
  faultOf,
  hoursInWords,
  limitsInWords,
  megabytes,
  neverReached,
  parseTime,
  rateOf,
  timeInWords,
} from '../../renderer/screens/stores/bandwidth.ts';
import { parseDriveAddress, parseDrivePath } from '../../renderer/screens/stores/drive-address.ts';
import { fieldOf } from '../../renderer/screens/stores/fields.ts';
import { remedyOf } from '../../renderer/screens/stores/remedy.ts';
import {
  cleanPrefix,
  faultOfBucket,
  faultOfEndpoint,
  splitBucket,
  storageClasses,
  storeClassIsArchive,
} from '../../renderer/screens/stores/s3-fields.ts';
import { readTextFile } from '../../renderer/screens/stores/text-file.ts';

const office: BandwidthHours = { weekdays: [1, 2, 3, 4, 5], from: 480, to: 1_080, upload: 2_000_000, download: null };

describe('limits in sentences', () => {
  it('says days as people do', () => {
    assert.equal(daysInWords([5, 4, 3, 2, 1]), 'Mon–Fri');
    assert.equal(daysInWords([0, 6]), 'Sat and Sun');
    assert.equal(daysInWords([0, 1, 2, 3, 4, 5, 6]), 'Every day');
    assert.equal(daysInWords([1, 3, 5]), 'Mon, Wed and Fri');
    assert.equal(daysInWords([1, 2, 3, 6, 0]), 'Mon–Wed, Sat and Sun');
    assert.equal(daysInWords([3]), 'Wed');
  });

  it('says hours and limits', () => {
    assert.equal(hoursInWords(office), 'Mon–Fri 8:00–18:00: 2 MB/s up');
    assert.equal(
      hoursInWords({ weekdays: [6], from: 1_320, to: 360, upload: null, download: 500_000 }),
      'Sat 22:00–6:00 the next day: 500 kB/s down',
    );
    assert.equal(hoursInWords({ ...office, from: 0, to: 1_440, upload: null }), 'Mon–Fri all day: no limit');
    assert.equal(limitsInWords(1_500_000, 20_000_000), '1.5 MB/s up, 20 MB/s down');
  });

  it('reads times as people write them', () => {
    assert.deepEqual(['8', '8:00', '08.30', '24:00', ' 0:05 '].map(parseTime), [480, 480, 510, 1_440, 5]);
    assert.deepEqual(
      ['', '24:01', '8:60', '8:5', 'noon', '-1'].map(parseTime),
      Array.from({ length: 6 }, () => undefined),
    );
    for (const minutes of [0, 59, 480, 1_439, 1_440]) assert.equal(parseTime(timeInWords(minutes)), minutes);
  });

  it('reads rates in megabytes', () => {
    assert.equal(rateOf(''), null);
    assert.equal(rateOf(2), 2_000_000);
    assert.equal(rateOf('0.5'), 500_000);
    assert.deepEqual([0, -1, 'fast'].map(rateOf), [undefined, undefined, undefined]);
    assert.equal(rateOf(megabytes(1_234_567)), 1_234_567);
    assert.equal(megabytes(null), '');
  });

  it('refuses what would never hold by itself', () => {
    assert.equal(faultOf(office), undefined);
    assert.match(faultOf({ ...office, weekdays: [] }) ?? '', /at least one day/);
    assert.match(faultOf({ ...office, to: 480 }) ?? '', /ends when it begins/);
  });

  it('finds entries that earlier ones leave no time', () => {
    const monday: BandwidthHours = { ...office, weekdays: [1], from: 540, to: 600 };
    assert.deepEqual(neverReached([office, monday]), [1]);
    assert.deepEqual(neverReached([monday, office]), []);
    const night: BandwidthHours = { ...office, weekdays: [6], from: 1_380, to: 60 };
    const afterMidnight: BandwidthHours = { ...office, weekdays: [0], from: 0, to: 60 };
    assert.deepEqual(neverReached([night, afterMidnight]), [1], 'a night reaches into the next day');
  });
});

describe('addresses of Google Drive', () => {
  const id = '1AbC_dEf-GhIjKlMnOpQrStUvWxYz';
  const addresses = [
    `https://drive.google.com/drive/folders/${id}`,
    `https://drive.google.com/drive/folders/${id}?usp=sharing&resourcekey=0-x`,
    `  https://drive.google.com/drive/u/1/folders/${id}/ `,
    `drive.google.com/drive/u/0/folders/${id}#list`,
    `https://drive.google.com/open?id=${id}`,
    `https://drive.google.com/a/library.example/folderview?id=${id}`,
    `drive://${id}/Strongroom?account=a@b.example`,
    id,
  ];
  for (const address of addresses) {
    it(address, () => assert.deepEqual(parseDriveAddress(address), { folder: id }));
  }

  it('knows the top of My Drive', () => {
    assert.deepEqual(parseDriveAddress('root'), { folder: 'root' });
    assert.deepEqual(parseDriveAddress('https://drive.google.com/drive/u/0/my-drive'), { folder: 'root' });
  });

  const wrong: readonly [string, RegExp][] = [
    ['', /Paste the address/],
    ['Masters', /not an id/],
    ['https://example.org/folders/abc', /not an address of Google Drive/],
    ['https://drive.google.com.example.org/drive/folders/abc', /not an address of Google Drive/],
    [`https://drive.google.com/file/d/${id}/view`, /address of a file/],
    [`https://docs.google.com/document/d/${id}/edit`, /address of a file/],
    ['https://drive.google.com/drive/shared-drives', /list of all shared drives/],
    ['https://drive.google.com/drive/recent', /no folder in this address/],
    ['https://drive.google.com/drive/folders/..%2Fx', /no folder in this address/],
  ];
  for (const [text, why] of wrong) {
    it(`refuses ${text === '' ? 'nothing' : text}`, () => {
      const parsed = parseDriveAddress(text);
      assert.ok('why' in parsed);
      assert.match(parsed.why, why);
    });
  }

  it('takes a path of folders that the engine takes too', () => {
    assert.deepEqual(parseDrivePath(' /Copies / Masters/ '), { path: 'Copies/Masters' });
    assert.deepEqual(parseDrivePath(''), { path: '' });
    assert.ok('why' in parseDrivePath('a/../b'));
    assert.doesNotThrow(() => parseSpec(`drive://${id}/Copies/Masters`));
  });
});

describe('what is written about a bucket', () => {
  it('takes a pasted address apart', () => {
    assert.deepEqual(splitBucket(' s3://library-copies/doc/masters/?region=eu-central-1'), {
      bucket: 'library-copies',
      prefix: 'doc/masters',
    });
    assert.deepEqual(splitBucket('library-copies'), { bucket: 'library-copies', prefix: undefined });
    assert.equal(cleanPrefix(' /a/b/ '), 'a/b');
  });

  it('refuses what the engine would refuse', () => {
    for (const bucket of ['library-copies', 'a.b', '123']) {
      assert.equal(faultOfBucket(bucket), undefined, bucket);
      assert.doesNotThrow(() => parseSpec(`s3://${bucket}`));
    }
    for (const bucket of ['Library', 'ab', '-ab', 'ab-', 'a_b', 'a'.repeat(64)]) {
      assert.notEqual(faultOfBucket(bucket), undefined, bucket);
      assert.throws(() => parseSpec(`s3://${bucket}`));
    }
  });

  it('refuses an address that holds a key', () => {
    assert.equal(faultOfEndpoint('https://s3.library.example:8443'), undefined);
    assert.match(faultOfEndpoint('https://me:secret@s3.library.example') ?? '', /Leave out the name and key/);
    assert.match(faultOfEndpoint('s3.library.example') ?? '', /https:\/\//);
  });

  it('knows the classes that must be thawed', () => {
    assert.equal(storeClassIsArchive('s3://b/p?region=x&class=DEEP_ARCHIVE'), true);
    assert.equal(storeClassIsArchive('s3://b/p?class=GLACIER_IR'), false);
    assert.equal(storeClassIsArchive('folder:///x%3Fclass=GLACIER'), false);
    assert.equal(new Set(storageClasses.map(({ id }) => id)).size, storageClasses.length);
  });
});

describe('where a failure is shown, and what helps', () => {
  it('is beside what a person mends', () => {
    assert.equal(fieldOf('s3', 'store-not-found'), 'bucket');
    assert.equal(fieldOf('s3', 'store-versioning-off'), 'versioning');
    assert.equal(fieldOf('s3', 'store-wrong-key'), 'key');
    assert.equal(fieldOf('drive', 'store-not-found'), 'folder');
    assert.equal(fieldOf('drive', 'store-sign-in-ended'), 'credential');
    assert.equal(fieldOf('folder', 'store-read-only'), 'path');
    assert.equal(fieldOf('folder', 'name-taken'), 'name');
    assert.equal(fieldOf('s3', 'store-clock-skew'), 'form');
  });

  it('has one remedy', () => {
    const problem = (code: 'store-wrong-key' | 'secret-locked' | 'store-full') => ({
      code,
      subject: null,
      message: '',
      advice: null,
    });
    assert.equal(remedyOf({ kind: 's3', problem: null }), undefined);
    assert.equal(remedyOf({ kind: 's3', problem: problem('store-wrong-key') }), 'give-key');
    assert.equal(remedyOf({ kind: 'drive', problem: problem('store-wrong-key') }), 'sign-in');
    assert.equal(remedyOf({ kind: 'drive', problem: problem('secret-locked') }), 'unlock');
    assert.equal(remedyOf({ kind: 'folder', problem: problem('store-full') }), 'check');
  });
});

describe('key and client files', () => {
  it('are JSON of a few kilobytes', async () => {
    assert.deepEqual(await readTextFile(new Blob(['{"installed":{}}'])), { text: '{"installed":{}}' });
    for (const content of ['hush hush', ' '.repeat(70_000)]) {
      const read = await readTextFile(new Blob([content]));
      assert.ok('why' in read);
      assert.ok(!read.why.includes(content), 'what is in a key file is not repeated');
    }
  });
});
