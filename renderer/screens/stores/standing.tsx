import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { When } from '../../parts/figures.tsx';
import { visibleName } from '../../parts/name.tsx';
import classes from './stores.module.css';

/** Whether a store is as it should be, in a line with a sign; what is wrong is told beside it. */
export function StoreStanding({ store }: { readonly store: StoreShape }): ReactNode {
  const { tone, Icon, words } = standingOf(store);
  return (
    <div className={classes['standing']} data-tone={tone}>
      <Icon size={20} aria-hidden className={classes['standingIcon']} />
      <Text component="div">
        {words}
        {store.lastCheck === undefined ? (
          '. Not checked yet.'
        ) : (
          <>
            . Checked <When at={store.lastCheck.at} />
            {store.lastCheck.passed ? '.' : ', and not everything worked.'}
          </>
        )}
        {store.caution !== undefined && <div>{visibleName(store.caution)}</div>}
      </Text>
    </div>
  );
}

function standingOf({ problem, lastCheck, caution, sources, sample }: StoreShape) {
  if (problem !== null) return { tone: 'warn', Icon: IconAlertTriangle, words: 'Needs attention' } as const;
  if (lastCheck?.passed === false)
    return { tone: 'warn', Icon: IconAlertTriangle, words: 'The check found a fault' } as const;
  if (caution !== undefined)
    return { tone: 'warn', Icon: IconAlertTriangle, words: 'Works, but is not far enough away' } as const;
  if (sources.length === 0) return { tone: 'idle', Icon: IconCircleDashed, words: 'Not in use' } as const;
  const words = sample === true ? 'Works; part of the sample materials' : 'Works';
  return { tone: 'ok', Icon: IconCircleCheck, words } as const;
}
