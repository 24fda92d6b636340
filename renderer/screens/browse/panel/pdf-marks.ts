/** What stands for the bytes of each WebAssembly module of pdf.js on its way to the worker. */
export const marks = { 'openjpeg.wasm': 1, 'jbig2.wasm': 2 } as const;
