import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Connection } from '../../electron/engine/catalog/database.ts';
import { catalogPath } from '../../electron/engine/catalog/open.ts';
import { Answers } from '../../electron/service/browse/questions.ts';
import { folderOf } from '../../shared/names.ts';
import { describeMade, madeSource, makeCatalog } from '../bench/make-catalog.ts';
import { atEnd, minute, tempFolder } from '../engine/kit.ts';
import { Written } from './browse/written.ts';

test("a large folder's past is read ahead step by step, and what is recorded in between is not lost", (t) => {
  const home = path.join(tempFolder(t), 'home');
  makeCatalog(home, 60_000);
  const written = new Written(t, home);
  const { crowded } = describeMade(written.catalog);
  const answers = new Answers(written.reading);
  const view = { at: null, deleted: false, sort: 'name', descending: false } as const;
  const steps = (): number => {
    let taken = 1;
    while (answers.prepare()) taken += 1;
    return taken;
  };
  const moments = [Date.UTC(2020, 5), Date.UTC(2023, 0), Date.UTC(2026, 5), Date.UTC(2027, 5), null];
  const compare = (): void => {
    const fresh = new Connection(catalogPath(home), { readonly: true });
    atEnd(t, () => fresh.close());
    // Without having read ahead.
    const plain = new Answers(fresh);
    for (const at of moments)
      for (const deleted of [false, true]) {
        const asked = [madeSource, crowded, { ...view, at, deleted }, 0, 1_000] as const;
        assert.deepEqual(answers.list(...asked), plain.list(...asked), `as of ${at ?? 'now'}`);
      }
  };
  const { rows } = answers.list(madeSource, crowded, view, 0, 200);
  assert.ok(steps() > 3, 'a folder of one step proves nothing');
  compare();
  const last = answers.list(madeSource, crowded, { ...view, descending: true }, 0, 1).rows[0]?.path ?? assert.fail();
  answers.list(madeSource, folderOf(crowded), view, 0, 200);
  steps();
  // The version that makes what is kept of the folder out of date, so that its past is read once more.
  written.record(last, 69, Date.UTC(2026, 5, 20));
  answers.list(madeSource, crowded, view, 0, 200);
  answers.prepare();
  answers.prepare();
  // One in what was read by now, one in what was not, and one that nobody knew.
  const first = rows[0]?.path ?? assert.fail('no rows');
  for (const [index, file] of [first, last, `${crowded}/new.tif`].entries())
    written.record(file, 70 + index, Date.UTC(2026, 6) + index * minute);
  steps();
  compare();
});
