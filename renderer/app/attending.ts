import { useEffect, type ReactNode } from 'react';
import { useRuns } from './live.tsx';
import { engine, wire } from './rpc.ts';

/** What a person does in a window, and what follows at once from it; a pointer that only passes over it asks for nothing. */
const signs = ['pointermove', 'pointerdown', 'click', 'keydown', 'input', 'wheel', 'scroll', 'hashchange'] as const;
/** The engine gives way for longer than this, milliseconds. */
const everyMs = 1_000;

/** Tells the engine, while it is at work, that somebody is at the window. Shows nothing. */
export function Attending(): ReactNode {
  const isWorking = useRuns().length > 0;
  useEffect(() => {
    if (!isWorking) return;
    let toldAt = -Infinity;
    const attend = (event: Event) => {
      const { timeStamp } = event;
      const passes = event instanceof PointerEvent && event.type === 'pointermove' && event.buttons === 0;
      if (passes || timeStamp - toldAt < everyMs || wire.state() !== 'open') return;
      toldAt = timeStamp;
      // Nothing but speed is lost where it is not heard.
      engine.app.attend().catch(() => undefined);
    };
    const ending = new AbortController();
    for (const sign of signs) addEventListener(sign, attend, { capture: true, passive: true, signal: ending.signal });
    return () => ending.abort();
  }, [isWorking]);
  return null;
}
