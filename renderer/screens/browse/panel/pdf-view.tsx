import { getDocument, PDFWorker, VerbosityLevel, type PDFDocumentProxy } from 'pdfjs-dist';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { BlockLoading } from '../../../parts/loading.tsx';
import { visibleName } from '../../../parts/name.tsx';
import { marks } from './pdf-marks.ts';
import { NoView, PageTurner, Unreadable, type ViewerProps } from './viewer-parts.tsx';
import classes from './preview.module.css';

/** What pdf.js asks for by name: tables of characters, and the fonts that every reader is to have. */
const files: Readonly<Record<string, string>> = {
  ...import.meta.glob<string>('../../../../node_modules/pdfjs-dist/cmaps/*.bcmap', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
  ...import.meta.glob<string>('../../../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
};
const byName = new Map(Object.entries(files).map(([path, url]) => [path.slice(path.lastIndexOf('/') + 1), url]));

/** In the place of pdf.js's own, which knows one folder for each kind and not the names that files have once built. */
class BundledFiles {
  async fetch({ filename }: { readonly filename: string }): Promise<Uint8Array> {
    if (filename in marks) return Uint8Array.of(marks[filename as keyof typeof marks]);
    const url = byName.get(filename);
    if (url === undefined) throw new Error(`pdf.js asked for a file that it does not come with: ${filename}`);
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${filename} was refused with ${answer.status}.`);
    return new Uint8Array(await answer.arrayBuffer());
  }
}

/** Bytes of one request for a part of a document. */
const chunk = 256 * 1_024;
/** The longer side of a drawn page, in pixels; a poster would take more memory than the window. */
const longestSide = 4_000;
/** Pictures in a page of more pixels than this are left out. */
const mostPixels = 150_000_000;

type State =
  | { readonly at: 'loading' }
  | { readonly at: 'open'; readonly document: PDFDocumentProxy }
  | { readonly at: 'locked' | 'failed' };

/** The pages of a PDF on a canvas. Scripts, forms and links in it are not carried out. */
export default function PdfView({ ticket, label }: ViewerProps): ReactNode {
  const [state, setState] = useState<State>({ at: 'loading' });
  const [page, setPage] = useState(1);
  const [text, setText] = useState('');
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const thread = new Worker(new URL('./pdf.worker.ts', import.meta.url), { type: 'module' });
    const worker = PDFWorker.create({ port: thread });
    const loading = getDocument({
      url: new URL(ticket.url, document.baseURI).href,
      worker,
      rangeChunkSize: chunk,
      // Pages that nobody turns to are not fetched.
      disableAutoFetch: true,
      disableStream: true,
      maxImageSize: mostPixels,
      enableXfa: false,
      // What is odd about a document is no error of the window.
      verbosity: VerbosityLevel.ERRORS,
      BinaryDataFactory: BundledFiles,
      useWorkerFetch: false,
      cMapUrl: 'cmaps/',
      standardFontDataUrl: 'fonts/',
      wasmUrl: 'wasm/',
    });
    let isGone = false;
    // Asked for a password, pdf.js would wait for ever.
    loading.onPassword = () => {
      if (!isGone) setState({ at: 'locked' });
    };
    loading.promise.then(
      (opened) => {
        if (!isGone) setState({ at: 'open', document: opened });
      },
      () => {
        if (!isGone) setState({ at: 'failed' });
      },
    );
    return () => {
      isGone = true;
      void loading.destroy().finally(() => {
        worker.destroy();
        thread.terminate();
      });
    };
  }, [ticket.url]);
  const opened = state.at === 'open' ? state.document : undefined;
  useEffect(() => {
    if (opened === undefined) return;
    let isGone = false;
    const isWanted = () => !isGone;
    let drawing: { cancel: () => void } | undefined;
    const draw = async () => {
      const shown = await opened.getPage(page);
      const target = canvas.current;
      if (!isWanted() || target === null) return;
      const plain = shown.getViewport({ scale: 1 });
      const room = (stage.current?.clientWidth ?? plain.width) * window.devicePixelRatio;
      const scale = Math.min(room / plain.width, longestSide / Math.max(plain.width, plain.height));
      const viewport = shown.getViewport({ scale });
      target.width = Math.floor(viewport.width);
      target.height = Math.floor(viewport.height);
      const task = shown.render({ canvas: target, viewport });
      drawing = task;
      await task.promise;
      const content = await shown.getTextContent();
      if (!isWanted()) return;
      setText(content.items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join(''));
    };
    draw().catch(() => {
      // Turning on cancels the page before; only what was still wanted has failed.
      if (isWanted()) setState({ at: 'failed' });
    });
    return () => {
      isGone = true;
      drawing?.cancel();
    };
  }, [opened, page]);
  if (state.at === 'failed') return <Unreadable />;
  if (state.at === 'locked')
    return (
      <NoView title="Locked with a password">
        This PDF cannot be shown here. Press Open to see it with a program that asks for its password.
      </NoView>
    );
  return (
    <>
      <div ref={stage} className={classes['stage']} tabIndex={0} role="region" aria-label={`Page ${page}`}>
        {opened === undefined && <BlockLoading height={200} label="Opening the document…" />}
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Preview of ${visibleName(label)}, page ${page}`}
          className={classes['page']}
          hidden={opened === undefined}
        />
        <div className="unseen">{text}</div>
      </div>
      <PageTurner page={page} pages={opened?.numPages ?? 0} onTurn={setPage} />
    </>
  );
}
