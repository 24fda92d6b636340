import { Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import classes from './page.module.css';

interface PageProps {
  /** Also the window's title. */
  readonly title: string;
  /** The heading's words, where they are not the title. */
  readonly heading?: ReactNode;
  /** A sentence below the heading. */
  readonly lead?: ReactNode;
  /** Buttons at the heading's side. */
  readonly actions?: ReactNode;
  /** `text` for what is read, `wide` (the default) for lists, `fill` for a screen that scrolls inside itself. */
  readonly width?: 'text' | 'wide' | 'fill';
  readonly children: ReactNode;
}

/** The title of the screen that was shown last, and whether there was another before it. */
let shownTitle: string | undefined;
let wasChanged = false;

/** A screen: heading, actions, content. Coming from another screen, the heading takes the focus, so that it is read out. */
export function Page({ title, heading, lead, actions, width = 'wide', children }: PageProps): ReactNode {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Strongroom`;
  }, [title]);
  useEffect(() => {
    // As the window opens, nothing has been asked for yet: the focus stays where the system puts it. The screen that
    // has come meanwhile takes it over from the one that said to wait, and from nothing else.
    const isOther = shownTitle !== title;
    if (shownTitle !== undefined && isOther) wasChanged = true;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (wasChanged && (isOther || isLost)) head.current?.focus({ preventScroll: true });
    shownTitle = title;
  }, []);
  return (
    <div className={classes['page']} data-width={width}>
      <header className={classes['header']}>
        <div className={classes['heading']}>
          <Title order={1} size="h2" ref={head} tabIndex={-1} className={classes['title']}>
            {heading ?? title}
          </Title>
          {lead !== undefined && (
            <Text component="div" className={classes['lead']}>
              {lead}
            </Text>
          )}
        </div>
        {actions !== undefined && <div className={classes['actions']}>{actions}</div>}
      </header>
      <div className={classes['content']}>{children}</div>
    </div>
  );
}

/** A part of a page with a heading of its own, on a white sheet or on the page itself. */
export function Section({
  title,
  lead,
  actions,
  sheet = false,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly sheet?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section className={classes['section']} aria-label={title}>
      <header className={classes['sectionHeader']}>
        <div className={classes['heading']}>
          <Title order={2} size="h4">
            {title}
          </Title>
          {lead !== undefined && (
            <Text component="div" size="sm" className={classes['lead']}>
              {lead}
            </Text>
          )}
        </div>
        {actions !== undefined && <div className={classes['actions']}>{actions}</div>}
      </header>
      {sheet ? <div className={classes['sheet']}>{children}</div> : children}
    </section>
  );
}
