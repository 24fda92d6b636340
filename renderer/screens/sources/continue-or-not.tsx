import { Radio, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FormerSource } from '../../../shared/contract/shapes.ts';
import { counted, When } from '../../parts/figures.tsx';
import { visibleName } from '../../parts/name.tsx';
import classes from './sources.module.css';

/** A folder that was protected before goes on as the source that it was, unless a person wants another. */
export function ContinueOrNot({
  former,
  anew,
  onAnew,
}: {
  readonly former: FormerSource;
  readonly anew: boolean;
  readonly onAnew: (anew: boolean) => void;
}): ReactNode {
  const versions = former.versions === 1 ? 'Its one version is' : `Its ${counted(former.versions, 'version')} are`;
  return (
    <div className={classes['advice']} data-tone="good">
      <Stack gap="sm">
        <Text fw={600}>
          This folder was protected before, until <When at={former.removedAt} form="minute" />
        </Text>
        <Text>
          {versions} still there{anew ? '.' : ' and continued.'}
        </Text>
        <Radio.Group
          aria-label="Continue or start anew"
          value={anew ? 'anew' : 'continue'}
          onChange={(value) => onAnew(value === 'anew')}
        >
          <Stack gap="xs">
            <Radio
              value="continue"
              label={`Continue “${visibleName(former.name)}”`}
              description="Nothing that is copied already is copied again, and earlier versions can be looked at and restored."
            />
            <Radio
              value="anew"
              label="Start anew under another name"
              description="Everything is copied once more, beside the earlier copies, which stay as they are."
            />
          </Stack>
        </Radio.Group>
      </Stack>
    </div>
  );
}
