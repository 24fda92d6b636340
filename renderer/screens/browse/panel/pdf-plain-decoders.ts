import { marks } from './pdf-marks.ts';

/*
 * pdf.js decodes JPEG 2000 and JBIG2, which most scanned PDFs hold, by WebAssembly, and has the same decoders as plain
 * JavaScript beside it. The window's content security policy lets no WebAssembly run, so the plain ones take its place. They
 * are found by the mark that pdf-view.tsx gives in the place of each module's bytes.
 */

type Instantiate = (imports: unknown) => unknown;

const decoders: Readonly<Record<keyof typeof marks, () => Promise<{ readonly default: Instantiate }>>> = {
  'openjpeg.wasm': () => import('pdfjs-dist/wasm/openjpeg_nowasm_fallback.js'),
  'jbig2.wasm': () => import('pdfjs-dist/wasm/jbig2_nowasm_fallback.js'),
};

Object.assign(WebAssembly, {
  instantiate: async (bytes: Uint8Array, imports: unknown) => {
    for (const [name, load] of Object.entries(decoders))
      if (marks[name as keyof typeof marks] === bytes[0])
        return { instance: { exports: (await load()).default(imports) } };
    throw new Error('There is no plain form of this module.');
  },
});
