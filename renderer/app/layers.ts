/*
 * Escape closes what lies on top, and that alone. Each dialog of the component library listens at the window for itself, so
 * one press would close the folder chooser and the drawer below it, with all that was entered there. This listens first.
 */

function onKeyDown(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || event.isComposing) return;
  const layers = document.querySelectorAll('[role=dialog][aria-modal=true]');
  const top = [...layers].at(-1);
  if (layers.length < 2 || top === undefined) return;
  // A menu or a list that is open in the dialog closes itself.
  if (event.target instanceof Element && event.target.closest('[data-mantine-stop-propagation=true]') !== null) return;
  event.stopImmediatePropagation();
  event.preventDefault();
  // One without a button for it cannot be left now.
  top.querySelector<HTMLElement>('.mantine-Modal-close, .mantine-Drawer-close')?.click();
}

/** Begins to listen; once, before anything is drawn. */
export function closeTopLayerOnly(): void {
  window.addEventListener('keydown', onKeyDown, { capture: true });
}
