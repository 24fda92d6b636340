/*
 * An ellipsis stands after the last letter that fits whole, so that up to a letter's width stays empty before what comes
 * next. That is measured here, and closed without moving anything else: `--gap`, which name.module.css moves it up by.
 */

const ellipsis = '…';
const ellipsisWidths = new Map<string, number>();
let canvas: CanvasRenderingContext2D | null | undefined;

function ellipsisWidth(box: Element): number {
  const { font } = getComputedStyle(box);
  let width = ellipsisWidths.get(font);
  if (width === undefined) {
    canvas ??= document.createElement('canvas').getContext('2d');
    if (canvas === null) return 0;
    canvas.font = font;
    width = canvas.measureText(ellipsis).width;
    ellipsisWidths.set(font, width);
  }
  return width;
}

/** How much of a box that was shortened stays empty after its ellipsis, in CSS pixels; 0 where nothing was shortened. */
function gapOf(box: Element): number {
  const room = box.clientWidth;
  if (box.scrollWidth <= room + 1) return 0;
  const texts: Text[] = [];
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    if (node instanceof Text) texts.push(node);
  const left = room - ellipsisWidth(box);
  const range = document.createRange();
  range.setStart(box, 0);
  let fits = 0;
  for (const text of texts) {
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      range.setEnd(text, middle);
      if (range.getBoundingClientRect().width <= left) low = middle;
      else high = middle - 1;
    }
    if (low > 0) {
      range.setEnd(text, low);
      fits = range.getBoundingClientRect().width;
    }
    if (low < text.length) break;
  }
  // The first letter stands even where there is no room for it.
  return fits === 0 ? 0 : Math.max(0, left - fits);
}

/** Everything is measured before anything is written: a list draws dozens of names at once. */
function closeGaps(names: Iterable<Element>): void {
  const gaps = [...names].flatMap((name) =>
    [...name.querySelectorAll('[data-shortened]')].map((box) => ({ box, gap: gapOf(box) })),
  );
  for (const { box, gap } of gaps) {
    for (let next = box.nextElementSibling; next !== null; next = next.nextElementSibling) {
      if (next instanceof HTMLElement) setGap(next, gap);
    }
  }
}

function setGap(box: HTMLElement, gap: number): void {
  const value = gap === 0 ? '' : `${gap}px`;
  // Writing what is there already makes the browser reckon anew all the same.
  if (box.style.getPropertyValue('--gap') !== value) box.style.setProperty('--gap', value);
}

const shown = new Set<Element>();
const watching = new ResizeObserver((entries) => closeGaps(entries.map(({ target }) => target)));

// Letters of another font have other widths.
document.fonts.addEventListener('loadingdone', () => {
  ellipsisWidths.clear();
  closeGaps(shown);
});

/** Closes what is left empty in a name, now and whenever its room changes. @returns how to end that. */
export function closeUp(name: HTMLElement): () => void {
  shown.add(name);
  watching.observe(name);
  return () => {
    shown.delete(name);
    changed.delete(name);
    watching.unobserve(name);
  };
}

/** Names that pass quicker than this, milliseconds, are not looked at so closely. */
const settledMs = 60;
const changed = new Set<HTMLElement>();
let settling: ReturnType<typeof setTimeout> | undefined;

/** The same for a name that has become another one, as soon as no more of them do: whoever scrolls has no time for it. */
export function closeUpSoon(name: HTMLElement): void {
  for (const box of name.querySelectorAll<HTMLElement>('[style]')) setGap(box, 0);
  changed.add(name);
  clearTimeout(settling);
  settling = setTimeout(() => {
    closeGaps(changed);
    changed.clear();
  }, settledMs);
}
