import { useEffect, useState } from 'react';

/**
 * Gives the focus back to what had it before. For a dialog that is there only while it is open: where it is closed and
 * stays, Mantine does so itself.
 */
export function useReturnFocus(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    },
    [before],
  );
}
