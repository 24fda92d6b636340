import { Button, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState, type ReactNode } from 'react';
import type { Attention, AttentionAction } from '../../../shared/contract/shapes.ts';
import { folderOf } from '../../../shared/names.ts';
import { syncNow } from '../../parts/acts.ts';
import { countText, When } from '../../parts/figures.tsx';
import { visibleName } from '../../parts/name.tsx';
import { AcceptChanges, type Question } from './accept-changes.tsx';
import classes from './attention.module.css';

const labels = {
  'accept-changes': 'See what changed…',
  'sign-in': 'Sign in again',
  'give-key': 'Enter the key',
  'check-store': 'Check the store',
  'move-source': 'The folder is somewhere else now…',
  sync: 'Look again now',
  'see-run': 'See the run',
  'see-file': 'See the file',
  unlock: 'Unlock the vault',
  'add-source': 'Add a source',
  'add-store': 'Add a store',
} as const satisfies Record<AttentionAction['do'], string>;

/** When more than so many wait, the first few are shown: a server that is off can be forty sources that are away. */
const mostAtOnce = 5;
const firstFew = 4;

/** What only a person can settle, each with the thing to press. */
export function AttentionList({ items }: { readonly items: readonly Attention[] }): ReactNode {
  const list = useId();
  const [all, setAll] = useState(false);
  const [asked, setAsked] = useState<Question>();
  const many = items.length > mostAtOnce;
  const act = useAction(setAsked);
  return (
    <section aria-label="What needs you" className={classes['section']}>
      {/* The page's heading says how many there are. */}
      <Title order={2} className="unseen">
        What needs you
      </Title>
      <ul id={list} className={classes['list']} data-many={many}>
        {(many && !all ? items.slice(0, firstFew) : items).map(({ id, title, detail, since, action, otherAction }) => (
          <li key={id} className={classes['item']}>
            <IconAlertTriangle size={22} aria-hidden className={classes['icon']} />
            <div className={classes['words']}>
              <Title order={3} size="h5">
                {visibleName(title)}
              </Title>
              <Text>{visibleName(detail)}</Text>
              <Text size="sm" className={classes['since']}>
                Noticed <When at={since} />
              </Text>
            </div>
            <div className={classes['actions']}>
              {action !== null && (
                <Button onClick={() => act(action)} aria-label={`${labels[action.do]}: ${visibleName(title)}`}>
                  {labels[action.do]}
                </Button>
              )}
              {otherAction !== undefined && (
                <Button
                  variant="default"
                  onClick={() => act(otherAction)}
                  aria-label={`${labels[otherAction.do]}: ${visibleName(title)}`}
                >
                  {labels[otherAction.do]}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {many && (
        <button
          type="button"
          className={classes['more']}
          aria-expanded={all}
          aria-controls={list}
          onClick={() => setAll(!all)}
        >
          {all ? `Show only the first ${firstFew}` : `Show ${countText(items.length - firstFew)} more`}
        </button>
      )}
      <AcceptChanges question={asked} onClose={() => setAsked(undefined)} />
    </section>
  );
}

/** Does what an item asks for, or goes to where it is done. */
function useAction(ask: (question: Question) => void): (action: AttentionAction) => void {
  const navigate = useNavigate();
  return (action) => {
    switch (action.do) {
      case 'accept-changes':
        ask({ source: action.source, run: action.run });
        return;
      case 'sign-in':
      case 'give-key':
      case 'check-store':
        void navigate({ to: '/stores', search: { store: action.store } });
        return;
      case 'move-source':
        void navigate({ to: '/sources', search: { edit: action.source } });
        return;
      case 'sync':
        void syncNow(action.source);
        return;
      case 'see-run':
        void navigate({ to: '/activity', search: { run: action.run } });
        return;
      case 'see-file':
        void navigate({
          to: '/browse',
          search: { source: action.source, path: folderOf(action.path), file: action.path },
        });
        return;
      case 'unlock':
        void navigate({ to: '/settings' });
        return;
      case 'add-source':
        void navigate({ to: '/sources', search: { add: true } });
        return;
      case 'add-store':
        void navigate({ to: '/stores' });
        return;
    }
  };
}
