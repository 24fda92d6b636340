import { useEffect, useRef, useState, type ReactNode } from 'react';
import { bytesText, countText } from '../../../parts/figures.tsx';
import { BlockLoading } from '../../../parts/loading.tsx';
import { visibleName } from '../../../parts/name.tsx';
import { NoView, PageTurner, Unreadable, type ViewerProps } from './viewer-parts.tsx';
import type { TiffAnswer, TiffQuestion } from './tiff.ts';
import classes from './preview.module.css';

/** Bytes of a file that is taken into memory at most. */
const mostBytes = 400_000_000;

type Shown = Extract<TiffAnswer, { type: 'drawn' | 'too-large' | 'failed' }>;

/** The pages of a TIFF, decoded in a worker. */
export default function TiffView({ ticket, label }: ViewerProps): ReactNode {
  const worker = useRef<Worker>(undefined);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pages, setPages] = useState(0);
  const [page, setPage] = useState(0);
  const [shown, setShown] = useState<Shown>();
  const fits = ticket.size <= mostBytes;
  useEffect(() => {
    if (!fits) return;
    const decoder = new Worker(new URL('./tiff.worker.ts', import.meta.url), { type: 'module' });
    worker.current = decoder;
    const send = (question: TiffQuestion) => decoder.postMessage(question);
    decoder.addEventListener('message', ({ data }: MessageEvent<TiffAnswer>) => {
      if (data.type !== 'opened') setShown(data);
      else if (data.pages === 0) setShown({ type: 'failed' });
      else {
        setPages(data.pages);
        send({ type: 'draw', page: 0 });
      }
    });
    decoder.addEventListener('error', () => setShown({ type: 'failed' }));
    send({ type: 'open', url: new URL(ticket.url, document.baseURI).href });
    return () => decoder.terminate();
  }, [ticket.url, fits]);
  useEffect(() => {
    const target = canvas.current;
    if (target === null || shown?.type !== 'drawn') return;
    target.width = shown.bitmap.width;
    target.height = shown.bitmap.height;
    target.getContext('2d')?.drawImage(shown.bitmap, 0, 0);
  }, [shown]);
  if (!fits)
    return (
      <NoView title="Too large for the preview">
        This picture has {bytesText(ticket.size)}; up to {bytesText(mostBytes)} are shown here. Press Open to see it
        with another program, or restore it.
      </NoView>
    );
  if (shown?.type === 'failed') return <Unreadable />;
  const isWaiting = shown === undefined || shown.page !== page;
  return (
    <>
      {shown?.type === 'too-large' && !isWaiting ? (
        <NoView title="Too large for the preview">
          This page has {countText(shown.width)} × {countText(shown.height)} pixels. Press Open to see it with another
          program, or restore it.
        </NoView>
      ) : (
        <div className={classes['stage']}>
          {isWaiting && <BlockLoading height={200} label="Decoding the picture…" />}
          <canvas
            ref={canvas}
            role="img"
            aria-label={`Preview of ${visibleName(label)}, page ${page + 1} of ${pages}`}
            className={classes['picture']}
            hidden={isWaiting}
          />
        </div>
      )}
      {shown?.type === 'drawn' && !isWaiting && (
        <div className={classes['bar']}>
          {countText(shown.width)} × {countText(shown.height)} pixels
        </div>
      )}
      {shown?.type === 'drawn' && !isWaiting && shown.isCut && (
        <div className={classes['bar']} role="status">
          <span>
            This file ends before the picture does: what is missing is drawn black. It may have been saved only in part.
            See whether an earlier version is whole.
          </span>
        </div>
      )}
      <PageTurner
        page={page + 1}
        pages={pages}
        onTurn={(to) => {
          setPage(to - 1);
          worker.current?.postMessage({ type: 'draw', page: to - 1 } satisfies TiffQuestion);
        }}
      />
    </>
  );
}
