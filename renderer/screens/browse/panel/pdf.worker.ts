// In this order: pdf.js finds the plain decoders in their place as it begins.
import './pdf-plain-decoders.ts';
import 'pdfjs-dist/build/pdf.worker.mjs';
