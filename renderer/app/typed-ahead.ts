/*
 * Whoever presses Ctrl-K types on at once: before the finder is loaded, drawn and has the focus. What is typed by then
 * is kept, and handed to its field.
 */

let typed: string | undefined;

function onKeyDown(event: KeyboardEvent): void {
  if (typed === undefined || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Backspace') typed = typed.slice(0, -1);
  else if (event.key.length === 1) typed += event.key;
  // There is nothing to choose yet; and what had the focus before must not be pressed.
  else if (event.key !== 'Enter') return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Keeps what is typed from now on. */
export function keepTyping(): void {
  if (typed === undefined) window.addEventListener('keydown', onKeyDown, { capture: true });
  typed = '';
}

/** What was typed since {@link keepTyping}; from now on, keys go where the focus is. */
export function takeTyped(): string {
  const text = typed ?? '';
  typed = undefined;
  window.removeEventListener('keydown', onKeyDown, { capture: true });
  return text;
}
