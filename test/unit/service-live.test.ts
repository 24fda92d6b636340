import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Live } from '../../electron/service/live.ts';
import type { LiveEvent } from '../../shared/contract/shapes.ts';

test('what changes within a moment is told together, with the sources whose files it were, where that is known', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const live = new Live(() => ({ type: 'state', state: 'safe', sentence: '', pausedUntil: null, attention: [] }));
  let told: LiveEvent[] = [];
  live.listen((event) => told.push(event));
  const next = (): LiveEvent[] => {
    told = [];
    t.mock.timers.tick(1_000);
    return told;
  };
  live.filesChanged('maps', 'runs');
  live.filesChanged('scans', 'runs');
  assert.deepEqual(next(), [{ type: 'changed', what: ['files', 'runs'], filesOf: ['maps', 'scans'] }]);
  live.filesChanged('maps');
  live.changed('files');
  live.filesChanged('scans');
  assert.deepEqual(next(), [{ type: 'changed', what: ['files'] }], 'perhaps those of all');
  live.changed('settings');
  assert.deepEqual(next(), [{ type: 'changed', what: ['settings'] }]);
  live.filesChanged('scans');
  assert.deepEqual(next(), [{ type: 'changed', what: ['files'], filesOf: ['scans'] }]);
  live.close();
});
