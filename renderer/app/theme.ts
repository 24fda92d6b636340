import { createTheme, virtualColor, type MantineColorsTuple } from '@mantine/core';

/** The one accent: the green of old library lamps. Shade 7 is text on white, shade 4 text on dark; both pass 4.5:1. */
const lamp: MantineColorsTuple = [
  '#eaf6f3',
  '#d6eae5',
  '#abd5ca',
  '#7dbfae',
  '#58ac97',
  '#3f9f88',
  '#2f8973',
  '#1f6f5c',
  '#13594a',
  '#054437',
];

/** The greys of the dark theme, in the tone of `--page` and `--sheet` (app.css). */
const night: MantineColorsTuple = [
  '#d8dedb',
  '#bcc4c0',
  '#98a29e',
  '#8a948f',
  '#3d4643',
  '#333a38',
  '#272c2a',
  '#1f2322',
  '#171a19',
  '#111413',
];

/** The greys of the light theme, as warm as the page. Shade 5 has 3:1 on white, for edges of what can be set; shade 7 is text. */
const stone: MantineColorsTuple = [
  '#f7f5f0',
  '#f1eee7',
  '#e9e5dc',
  '#d9d4c8',
  '#c6c0b2',
  '#8b8578',
  '#746f63',
  '#5b574d',
  '#3d3a33',
  '#262420',
];

/** The red of what failed and of what ends something; shade 7 is `--bad` (app.css), and carries white text. */
const brick: MantineColorsTuple = [
  '#fbf0ed',
  '#f5dcd6',
  '#ebb9af',
  '#df9484',
  '#d1705d',
  '#bf4f3a',
  '#b03c28',
  '#a8321f',
  '#8f2818',
  '#731f12',
];

/** The same on a dark ground: the shades that are text there are bright. */
const ember: MantineColorsTuple = [
  '#fbf0ed',
  '#f8d8d0',
  '#f5bfb3',
  '#f3ab9c',
  '#f19d8c',
  '#f0907f',
  '#f0907f',
  '#b5402c',
  '#a8321f',
  '#8f2818',
];

const serif = "'Source Serif 4 Variable', ui-serif, Georgia, 'Times New Roman', serif";

export const theme = createTheme({
  colors: {
    lamp,
    gray: stone,
    dark: night,
    brick,
    ember,
    red: virtualColor({ name: 'red', light: 'brick', dark: 'ember' }),
  },
  black: '#1c2220',
  primaryColor: 'lamp',
  primaryShade: 7,
  fontFamily: "'Source Sans 3 Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  // The serifs and sans of this house are smaller than their neighbours of the same size.
  fontSizes: { xs: '0.8125rem', sm: '0.9375rem', md: '1rem', lg: '1.125rem', xl: '1.25rem' },
  headings: { fontFamily: serif, fontWeight: '560' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 300, withinPortal: true, multiline: true, maw: 420 } },
    SegmentedControl: { defaultProps: { withItemsBorders: false } },
    // Only `main` scrolls, which lies under the overlay; the library's lock is a style element without a nonce besides.
    Modal: {
      defaultProps: {
        lockScroll: false,
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        // A dialog's title bar is no banner of the page.
        attributes: { header: { role: 'presentation' } },
      },
    },
    Drawer: {
      defaultProps: {
        lockScroll: false,
        closeButtonProps: { 'aria-label': 'Close' },
        attributes: { header: { role: 'presentation' } },
      },
    },
  },
});
