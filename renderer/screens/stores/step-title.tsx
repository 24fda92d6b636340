import { Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import classes from './add-store.module.css';

/** The heading of a step; it takes the focus as the step appears, so that it is read out and the keyboard goes on from it. */
export function StepTitle({
  id,
  focus = true,
  children,
}: {
  readonly id?: string;
  /** Whether it takes the focus; not where a field of the step does. */
  readonly focus?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focus) title.current?.focus();
  }, [focus]);
  return (
    <Title
      order={3}
      size="h4"
      ref={title}
      tabIndex={-1}
      id={id}
      {...(focus ? { 'data-autofocus': true } : {})}
      className={classes['stepTitle']}
    >
      {children}
    </Title>
  );
}
