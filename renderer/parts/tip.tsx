import { Portal } from '@mantine/core';
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import classes from './tip.module.css';

/*
 * One tooltip for the whole window. An element says what it has to say in `data-tip`; with `data-tip-cut` only where its
 * text does not fit. A hundred thousand names thus need no component of their own for it. What the tooltip says is
 * always in the element's own text for screen readers, or less than they need, so it is hidden from them.
 */

const hoverDelayMs = 350;
const focusDelayMs = 600;
const distance = 6;
const most = 3;

interface Shown {
  readonly text: string;
  readonly at: DOMRect;
}

function isCut(element: HTMLElement): boolean {
  if (element.dataset['tipCut'] === 'lines') return element.scrollHeight > element.clientHeight + 1;
  return [...element.querySelectorAll('span:not(.unseen)')].some(
    (part) => part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1,
  );
}

function tipOf(element: HTMLElement): string | undefined {
  const text = element.dataset['tip'];
  return text !== undefined && text !== '' && (element.dataset['tipCut'] === undefined || isCut(element))
    ? text
    : undefined;
}

/** What is said for a focused element: its own tip, or those of the names in it that do not fit. */
function tipWithin(element: HTMLElement): string | undefined {
  const own = tipOf(element);
  if (own !== undefined) return own;
  const texts: string[] = [];
  for (const inner of element.querySelectorAll<HTMLElement>('[data-tip]')) {
    const text = tipOf(inner);
    if (text !== undefined) texts.push(text);
    if (texts.length > most) return undefined;
  }
  return texts.length === 0 ? undefined : texts.join('\n');
}

/** Listens once for the whole window, and shows the tip of what the pointer or the focus is on. */
export function Tip(): ReactNode {
  const [shown, setShown] = useState<Shown>();
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  const owner = useRef<Element>(undefined);
  useEffect(() => {
    const hide = () => {
      clearTimeout(pending.current);
      owner.current = undefined;
      setShown(undefined);
    };
    const show = (element: HTMLElement, read: (element: HTMLElement) => string | undefined, delay: number) => {
      if (owner.current === element) return;
      hide();
      owner.current = element;
      pending.current = setTimeout(() => {
        const text = element.isConnected ? read(element) : undefined;
        if (text !== undefined) setShown({ text, at: element.getBoundingClientRect() });
      }, delay);
    };
    const over = (event: PointerEvent) => {
      if (!(event.target instanceof Element) || event.pointerType === 'touch') return;
      // The tip itself may be hovered, to read it in peace.
      if (event.target.closest('[data-tip-box]') !== null) return;
      const element = event.target.closest<HTMLElement>('[data-tip]');
      if (element === null) hide();
      else show(element, tipOf, hoverDelayMs);
    };
    const focus = (event: FocusEvent) => {
      if (event.target instanceof HTMLElement && event.target.matches(':focus-visible'))
        show(event.target, tipWithin, focusDelayMs);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape') hide();
    };
    document.addEventListener('pointerover', over);
    document.addEventListener('pointerdown', hide);
    document.addEventListener('focusin', focus);
    document.addEventListener('focusout', hide);
    document.addEventListener('keydown', key);
    document.addEventListener('scroll', hide, { capture: true, passive: true });
    document.documentElement.addEventListener('pointerleave', hide);
    return () => {
      hide();
      document.removeEventListener('pointerover', over);
      document.removeEventListener('pointerdown', hide);
      document.removeEventListener('focusin', focus);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('keydown', key);
      document.removeEventListener('scroll', hide, { capture: true });
      document.documentElement.removeEventListener('pointerleave', hide);
    };
  }, []);
  const place = useCallback(
    (box: HTMLDivElement | null) => {
      if (box === null || shown === undefined) return;
      const { width, height } = box.getBoundingClientRect();
      const left = Math.max(4, Math.min(shown.at.left, window.innerWidth - width - 4));
      const below = shown.at.bottom + distance;
      const top = below + height > window.innerHeight - 4 ? Math.max(4, shown.at.top - distance - height) : below;
      box.style.left = `${left}px`;
      box.style.top = `${top}px`;
      box.style.visibility = 'visible';
    },
    [shown],
  );
  return (
    <Portal>
      {shown !== undefined && (
        <div key={shown.text} ref={place} className={classes['tip']} data-tip-box aria-hidden>
          {shown.text.split('\n').map((line) => (
            <div key={line} dir="auto">
              {line}
            </div>
          ))}
        </div>
      )}
    </Portal>
  );
}
