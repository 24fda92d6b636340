import type { Rect } from './system.ts';

/** The size of a first window, and the least that the window can have; device-independent pixels. */
export const firstSize = { width: 1180, height: 800 };
export const leastSize = { width: 640, height: 480 };

/** How much of a window's title bar must be on a display for a person to get hold of it, in pixels. */
const graspWidth = 120;
const graspHeight = 24;

/**
 * Where a window is to open: where it was, if a person could get hold of it there; otherwise in the middle of the
 * first display, no larger than it. Displays come and go (docks, projectors) between two starts.
 *
 * @param areas the displays without task bars, the primary one first.
 */
export function placeWindow(remembered: Rect | undefined, areas: readonly Rect[]): Partial<Rect> {
  const [primary] = areas;
  if (primary === undefined) return firstSize;
  if (remembered !== undefined && areas.some((area) => canBeGrasped(remembered, area))) {
    return {
      x: remembered.x,
      y: remembered.y,
      width: Math.max(remembered.width, leastSize.width),
      height: Math.max(remembered.height, leastSize.height),
    };
  }
  const width = Math.min(remembered?.width ?? firstSize.width, primary.width);
  const height = Math.min(remembered?.height ?? firstSize.height, primary.height);
  return {
    x: primary.x + Math.round((primary.width - width) / 2),
    y: primary.y + Math.round((primary.height - height) / 2),
    width,
    height,
  };
}

function canBeGrasped(window: Rect, area: Rect): boolean {
  const across = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const bar = Math.min(window.y + graspHeight, area.y + area.height) - Math.max(window.y, area.y);
  return across >= graspWidth && bar >= graspHeight;
}
