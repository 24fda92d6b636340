import { Kbd, Modal, Switch, Text, Title } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Fragment, useEffect, useRef, type ReactNode } from 'react';
import { places } from './places.tsx';
import classes from './shortcuts.module.css';

const isMac = /mac/i.test(navigator.userAgent);

/** The key that makes a letter a command on this computer. */
export const commandKey = isMac ? '⌘' : 'Ctrl';

interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

const everywhere: readonly Shortcut[] = [
  { keys: [commandKey, 'K'], does: 'Find a screen, source, store, file or action' },
  { keys: ['?'], does: 'Show this list' },
  { keys: ['Esc'], does: 'Close a panel, a menu or a question' },
  { keys: ['Tab'], does: 'Go to the next button, link or field; with Shift to the one before' },
];

const inLists: readonly Shortcut[] = [
  { keys: ['↑', '↓'], does: 'Go from row to row' },
  { keys: ['Home', 'End'], does: 'Go to the first or last row' },
  { keys: ['Enter'], does: 'Open the row that you are on' },
  { keys: ['←', '→'], does: 'Close or open a folder of the tree' },
  { keys: ['Backspace'], does: 'Go to the folder above' },
  { keys: ['Space'], does: 'Select the row, or leave it out again' },
  { keys: ['Shift', '↓'], does: 'Select row after row' },
  { keys: [commandKey, 'A'], does: 'Select everything in the folder' },
  { keys: ['Esc'], does: 'Select nothing' },
];

const onTimeLine: readonly Shortcut[] = [
  { keys: ['←', '→'], does: 'Go to the day before or after on which something changed' },
  { keys: ['Home'], does: 'Go to the very beginning' },
  { keys: ['End'], does: 'Come back to now' },
];

/** How long after `g` its letter may come. */
const sequenceMs = 1_500;

/** Whether letters alone do something; people who speak to their computer turn it off (WCAG 2.1.4). */
function useLetters(): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useLocalStorage({ key: 'strongroom-letter-shortcuts', defaultValue: true });
  return [on, setOn];
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select'))
  );
}

/** Listens for what can be pressed on every screen. */
export function useShortcuts({ onFind, onHelp }: { readonly onFind: () => void; readonly onHelp: () => void }): void {
  const navigate = useNavigate();
  const [letters] = useLetters();
  const wentAt = useRef(0);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const key = event.key.toLowerCase();
      if ((isMac ? event.metaKey : event.ctrlKey) && !event.altKey && !event.shiftKey && key === 'k') {
        event.preventDefault();
        onFind();
        return;
      }
      if (!letters || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      // What a question or a panel asks comes first.
      if (document.querySelector('[role=dialog][aria-modal=true]') !== null) return;
      const followsG = event.timeStamp - wentAt.current < sequenceMs;
      wentAt.current = 0;
      if (key === '?') onHelp();
      else if (key === 'g' && !followsG) wentAt.current = event.timeStamp;
      else if (followsG) {
        const place = places.find((candidate) => candidate.key === key);
        if (place !== undefined) {
          event.preventDefault();
          void navigate({ to: place.to });
        }
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [letters, navigate, onFind, onHelp]);
}

/** The list of shortcuts, and the switch for those of a single letter. */
export function Shortcuts({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }): ReactNode {
  const [letters, setLetters] = useLetters();
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="lg">
      <Group title="Everywhere" shortcuts={everywhere} />
      <Group
        title="Go to a screen: one key after the other"
        shortcuts={places.map(({ key, label }) => ({ keys: ['g', key], does: label }))}
      />
      <Group title="In lists and trees" shortcuts={inLists} />
      <Group title="On the time line, once it has the focus" shortcuts={onTimeLine} />
      <Switch
        mt="lg"
        checked={letters}
        onChange={(event) => setLetters(event.currentTarget.checked)}
        label="Shortcuts of letters alone"
        description="Turn them off if you speak to your computer, or press keys by accident."
      />
    </Modal>
  );
}

function Group({ title, shortcuts }: { readonly title: string; readonly shortcuts: readonly Shortcut[] }): ReactNode {
  return (
    <section className={classes['group']}>
      <Title order={3} size="h5">
        {title}
      </Title>
      <dl className={classes['list']}>
        {shortcuts.map(({ keys, does }) => (
          <div key={does} className={classes['row']}>
            <dt>
              {keys.map((key, at) => (
                <Fragment key={key}>
                  {at > 0 && ' '}
                  <Kbd>{key}</Kbd>
                </Fragment>
              ))}
            </dt>
            <Text component="dd">{does}</Text>
          </div>
        ))}
      </dl>
    </section>
  );
}
