import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ignore from 'ignore';
import { crumbsOf, indexByTyping, lastName } from '../../renderer/parts/folder-path.ts';
import { cadenceInWords, inUnits, minutesOf, intervalInWords } from '../../renderer/screens/sources/cadence.ts';
import { adviceOnPlacing, type ChosenStore } from '../../renderer/screens/sources/placing.ts';
import {
  ruleFor,
  ruleInWords,
  rulesOfText,
  textOfRules,
  type RuleKind,
} from '../../renderer/screens/sources/rules-text.ts';

describe('rules as text', () => {
  it('takes a pattern a line, without what says nothing', () => {
    assert.deepEqual(rulesOfText('*.bak\r\n\n  drafts/  \n# a remark\n*.bak\n'), ['*.bak', 'drafts/']);
  });

  it('keeps a space at the end that a backslash makes part of the name', () => {
    assert.deepEqual(rulesOfText('odd\\ \nodd \n'), ['odd\\ ', 'odd']);
  });

  it('gives back the list that it was given', () => {
    const rules = ['*.bak', '/incoming/', '\\#note', 'odd\\ '];
    assert.deepEqual(rulesOfText(textOfRules(rules)), rules);
  });
});

describe('rules in words', () => {
  /** Held against the very library that the engine matches with. */
  function leavesOut(pattern: string, path: string): boolean {
    return ignore({ allowRelativePaths: true, ignorecase: false }).add([pattern]).ignores(path);
  }
  const cases: readonly [RuleKind, string, hit: string, miss: string, words: string][] = [
    ['ending', '.bak', 'a/page.bak', 'a/page.bak2', 'files and folders whose name ends in .bak'],
    ['ending', '[1].tif', 'page[1].tif', 'page1.tif', 'files and folders whose name ends in [1].tif'],
    ['beginning', 'draft', 'x/draft 2.doc', 'x/a draft', 'files and folders whose name begins with draft'],
    ['beginning', '#', '#old', 'old', 'files and folders whose name begins with #'],
    ['containing', 'do not', 'please do not keep', 'please keep', 'files and folders with do not in their name'],
    ['folder', 'thumbs', 'box/thumbs/', 'box/thumbs', 'folders named thumbs'],
    ['named', '!important', 'x/!important', 'x/important', 'files and folders named !important'],
    ['named', 'what?', 'what?', 'whats', 'files and folders named what?'],
    ['place', 'incoming/new', 'incoming/new', 'x/incoming/new', 'the file or folder incoming/new'],
    ['place', '/box/', 'box/', 'x/box/', 'the folder box at the top of the source, and no other of that name'],
  ];
  for (const [kind, text, hit, miss, words] of cases) {
    it(`${kind} ${text}`, () => {
      const pattern = ruleFor(kind, text);
      assert.ok(pattern !== undefined);
      assert.equal(leavesOut(pattern, hit), true, `${pattern} leaves out ${hit}`);
      assert.equal(leavesOut(pattern, miss), false, `${pattern} takes in ${miss}`);
      assert.equal(ruleInWords(pattern), words);
      assert.deepEqual(rulesOfText(pattern), [pattern]);
    });
  }

  it('makes no rule of nothing', () => {
    assert.equal(ruleFor('ending', '  '), undefined);
    assert.equal(ruleFor('place', '/'), undefined);
  });

  it('says of patterns that a person wrote what they fit', () => {
    assert.equal(ruleInWords('page-??.tif'), 'files and folders whose name fits page-??.tif');
    assert.equal(ruleInWords('/scans/*/tmp/'), 'folders that fit scans/*/tmp, counted from the top of the source');
    assert.equal(ruleInWords('!keep.bak'), 'but not files and folders named keep.bak');
    assert.equal(ruleInWords('*'), 'files and folders whose name fits *');
  });
});

describe('how often, in words', () => {
  it('says the usual ones as people do', () => {
    const words = [5, 30, 45, 60, 90, 120, 1_440, 2_880, 10_080].map(intervalInWords);
    assert.deepEqual(words, [
      'every 5 minutes',
      'every half hour',
      'every 45 minutes',
      'every hour',
      'every 90 minutes',
      'every 2 hours',
      'once a day',
      'every 2 days',
      'once a week',
    ]);
    assert.equal(cadenceInWords({ everyMinutes: 30, watch: true }), 'every half hour, and soon after a change');
  });

  it('takes what the engine takes, and says why not', () => {
    assert.deepEqual(minutesOf(2, 'hours'), { minutes: 120 });
    assert.deepEqual(minutesOf(7, 'days'), { minutes: 10_080 });
    for (const [amount, unit] of [
      [4, 'minutes'],
      [8, 'days'],
      [0, 'hours'],
      [1.5, 'minutes'],
      [Number.NaN, 'hours'],
    ] as const) {
      assert.ok('why' in minutesOf(amount, unit), `${amount} ${unit}`);
    }
  });

  it('shows minutes in the unit that they were written in', () => {
    for (const minutes of [5, 45, 60, 90, 1_440, 10_080]) {
      const { amount, unit } = inUnits(minutes);
      assert.deepEqual(minutesOf(amount, unit), { minutes });
    }
  });
});

describe('where the copies go', () => {
  const here: ChosenStore = { name: 'here', kind: 'folder', disk: '1' };
  const there: ChosenStore = { name: 'there', kind: 'folder', disk: '2' };
  const beside: ChosenStore = { name: 'beside', kind: 'folder', disk: '2' };
  const bucket: ChosenStore = { name: 'bucket', kind: 's3', disk: undefined };
  const drive: ChosenStore = { name: 'drive', kind: 'drive', disk: undefined };

  it('asks for a store before anything is wrong', () => assert.equal(adviceOnPlacing('1', []).tone, 'hint'));

  it('says that it is so where the copies lie there already', () => {
    assert.equal(adviceOnPlacing('1', [here]).title, 'The copy would be on the same disk as the folder');
    assert.equal(adviceOnPlacing('1', [here], true).title, 'The copy is on the same disk as the folder');
  });

  it('warns of what one mishap would take', () => {
    assert.match(adviceOnPlacing('1', [here]).title, /same disk as the folder/);
    assert.match(adviceOnPlacing('2', [there, beside]).title, /^All copies would be on the same disk/);
    assert.match(adviceOnPlacing('1', [bucket]).title, /Only one store/);
    assert.match(adviceOnPlacing('1', [there, beside]).title, /on one disk/);
    for (const chosen of [[here], [bucket], [there, beside]]) assert.equal(adviceOnPlacing('1', chosen).tone, 'warn');
  });

  it('names the store that lies beside the folder', () => {
    const advice = adviceOnPlacing('1', [here, bucket]);
    assert.equal(advice.tone, 'hint');
    assert.match(advice.title, /“here” is on the same disk/);
  });

  it('does not guess where a disk is not known', () => {
    const unknown = { ...there, disk: undefined };
    for (const advice of [adviceOnPlacing('1', [unknown, bucket]), adviceOnPlacing(undefined, [there, bucket])]) {
      assert.equal(advice.tone, 'hint');
      assert.match(advice.title, /^Make sure that “there” is on a disk of its own/);
    }
  });

  it('says when all is well', () => {
    const advice = adviceOnPlacing('1', [bucket, drive]);
    assert.deepEqual([advice.tone, advice.title], ['good', 'Three copies in 2 other places']);
  });
});

describe('folders of this computer', () => {
  it('leads to a folder on every system', () => {
    assert.deepEqual(
      crumbsOf('/srv/scans/').map(({ path }) => path),
      ['/', '/srv', '/srv/scans'],
    );
    assert.deepEqual(
      crumbsOf('C:\\Users\\me').map(({ path }) => path),
      ['C:\\', 'C:\\Users', 'C:\\Users\\me'],
    );
    assert.deepEqual(crumbsOf('\\\\server\\share\\scans'), [
      { name: '\\\\server\\share', path: '\\\\server\\share' },
      { name: 'scans', path: '\\\\server\\share\\scans' },
    ]);
  });

  it('keeps a backslash in the name of a folder where it is no separator', () => {
    assert.equal(lastName('/srv/odd\\name'), 'odd\\name');
  });

  it('names the folder at the end', () => {
    assert.equal(lastName('/srv/Masters'), 'Masters');
    assert.equal(lastName('/'), '/');
  });

  it('finds what is typed from where one is, and round again', () => {
    const names = ['Alpha', 'Beta', 'alto'];
    assert.equal(indexByTyping(names, 'al', 1), 2);
    assert.equal(indexByTyping(names, 'b', 2), 1);
    assert.equal(indexByTyping(names, 'z', 0), -1);
    assert.equal(indexByTyping([], 'a', 0), -1);
  });
});
