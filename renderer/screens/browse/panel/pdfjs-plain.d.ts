/* Decoders of pdf.js in plain JavaScript; they come without types. */
declare module 'pdfjs-dist/wasm/openjpeg_nowasm_fallback.js' {
  export default function instantiate(imports: unknown): unknown;
}
declare module 'pdfjs-dist/wasm/jbig2_nowasm_fallback.js' {
  export default function instantiate(imports: unknown): unknown;
}
