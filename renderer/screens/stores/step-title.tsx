import { Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import classes from './add-store.module.css';

/** The heading of a step; it takes the focus as the step appears, so that it is read out and the keyboard goes on from it. */
export function StepTitle({ id, children }: { readonly id?: string; readonly children: ReactNode }): ReactNode {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <Title order={3} size="h4" ref={title} tabIndex={-1} id={id} data-autofocus className={classes['stepTitle']}>
      {children}
    </Title>
  );
}
