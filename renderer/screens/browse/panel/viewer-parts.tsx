import { ActionIcon, Button } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ContentTicket } from '../../../../shared/contract/shapes.ts';
import { countText } from '../../../parts/figures.tsx';
import classes from './preview.module.css';

export interface ViewerProps {
  readonly ticket: ContentTicket;
  /** The file and version, for screen readers. */
  readonly label: string;
}

/** Says why there is nothing to see. */
export function NoView({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={classes['words']} role="status">
      <b>{title}</b>
      <span>{children}</span>
    </div>
  );
}

/** What a viewer says when the bytes are not what their name promises, or did not come. */
export function Unreadable({ onRetry }: { readonly onRetry?: () => void }): ReactNode {
  return (
    <div className={classes['words']} role="status">
      <b>This version cannot be shown here</b>
      <span>
        The file is of a form that the preview does not know, or it did not arrive. That says nothing about the copy:
        its checks are listed below. Press Open, or restore it, to see it with another program.
      </span>
      {onRetry !== undefined && (
        <Button variant="default" size="xs" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Turns the pages of a document. @param page from 1. */
export function PageTurner({
  page,
  pages,
  onTurn,
}: {
  readonly page: number;
  readonly pages: number;
  readonly onTurn: (page: number) => void;
}): ReactNode {
  if (pages <= 1) return null;
  return (
    <div className={classes['bar']}>
      <span className={classes['turning']}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Previous page"
          disabled={page <= 1}
          onClick={() => onTurn(page - 1)}
        >
          <IconChevronLeft size={18} aria-hidden />
        </ActionIcon>
        <span role="status">
          Page {countText(page)} of {countText(pages)}
        </span>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Next page"
          disabled={page >= pages}
          onClick={() => onTurn(page + 1)}
        >
          <IconChevronRight size={18} aria-hidden />
        </ActionIcon>
      </span>
    </div>
  );
}
