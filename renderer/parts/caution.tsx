import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './caution.module.css';

/** What is not right, and calls nobody: it stays as long as it is so. */
export function Caution({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className={classes['caution']}>
      <IconAlertCircle size={17} aria-hidden className={classes['icon']} />
      <span>{children}</span>
    </div>
  );
}
