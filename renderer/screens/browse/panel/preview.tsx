import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { bytesText, countText } from '../../../parts/figures.tsx';
import { BlockLoading } from '../../../parts/loading.tsx';
import { visibleName } from '../../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../../parts/problem.tsx';
import { fetchText, useTicket, type Content } from './content.ts';
import { isBinary } from './decode-text.ts';
import { NoView, Unreadable, type ViewerProps } from './viewer-parts.tsx';
import classes from './preview.module.css';

/** A text whose lines are no longer than this, in characters, was broken into lines by whoever wrote it. */
const longestWritten = 120;

/** Bytes of a text that are shown. */
const textLimit = 256 * 1_024;

// Each with the library that it needs, loaded when such a file is first looked at.
const PdfView = lazy(() => import('./pdf-view.tsx'));
const TiffView = lazy(() => import('./tiff-view.tsx'));
const TableView = lazy(() => import('./table-view.tsx'));

/**
 * What a version looks like. Bytes are only ever drawn, played or written out as text: as a picture, on a canvas, by the
 * browser's player. Nothing in them can run, and no document of theirs is opened.
 */
export function Preview({ content, label }: { readonly content: Content; readonly label: string }): ReactNode {
  const ticket = useTicket(content);
  if (ticket.isError)
    return (
      <ProblemNote
        problem={problemOf(ticket.error)}
        action={{ label: 'Try again', run: () => void ticket.refetch(), busy: ticket.isFetching }}
      />
    );
  if (ticket.data === undefined) return <BlockLoading height={200} label="Fetching the preview…" />;
  return (
    <div className={classes['box']}>
      <Suspense fallback={<BlockLoading height={200} label="Fetching the preview…" />}>
        <Viewer key={ticket.data.url} ticket={ticket.data} label={label} />
      </Suspense>
      <div className={classes['bar']}>
        <span>
          {ticket.data.from === 'source'
            ? 'Shown from the original'
            : `Shown from the copy in ${visibleName(ticket.data.from)}`}
        </span>
      </div>
    </div>
  );
}

function Viewer(props: ViewerProps): ReactNode {
  switch (props.ticket.viewer) {
    case 'image':
      return <PictureView {...props} />;
    case 'tiff':
      return <TiffView {...props} />;
    case 'pdf':
      return <PdfView {...props} />;
    case 'text':
      return <TextView {...props} />;
    case 'table':
      return <TableView {...props} />;
    case 'audio':
    case 'video':
      return <MediaView {...props} />;
    case 'none':
      return (
        <NoView title="No preview for this kind of file">
          Press <b>Open</b> to see it with the program that this computer has for it, or restore it.
        </NoView>
      );
  }
}

function PictureView({ ticket, label }: ViewerProps): ReactNode {
  const [failed, setFailed] = useState(false);
  const [size, setSize] = useState<{ readonly width: number; readonly height: number }>();
  const [whole, setWhole] = useState(true);
  if (failed) return <Unreadable onRetry={() => setFailed(false)} />;
  return (
    <>
      <div
        className={classes['stage']}
        data-whole={whole}
        // What is larger than its frame is moved about by keys, too.
        {...(whole ? {} : { tabIndex: 0, role: 'region', 'aria-label': `Picture of ${visibleName(label)}` })}
      >
        <img
          src={ticket.url}
          alt={`Preview of ${visibleName(label)}`}
          className={classes['picture']}
          onLoad={({ currentTarget }) =>
            setSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
          }
          onError={() => setFailed(true)}
        />
      </div>
      {size !== undefined && (
        <div className={classes['bar']}>
          <span>
            {countText(size.width)} × {countText(size.height)} pixels
          </span>
          <Button variant="subtle" size="compact-sm" onClick={() => setWhole(!whole)}>
            {whole ? 'Actual size' : 'Whole picture'}
          </Button>
        </div>
      )}
    </>
  );
}

function MediaView({ ticket, label }: ViewerProps): ReactNode {
  const [failed, setFailed] = useState(false);
  if (failed) return <Unreadable onRetry={() => setFailed(false)} />;
  const common = {
    src: ticket.url,
    controls: true,
    preload: 'metadata',
    'aria-label': `Preview of ${visibleName(label)}`,
    onError: () => setFailed(true),
  };
  return ticket.viewer === 'video' ? (
    <video {...common} className={classes['media']} playsInline />
  ) : (
    <audio {...common} className={classes['sound']} />
  );
}

function TextView({ ticket, label }: ViewerProps): ReactNode {
  const text = useQuery({
    queryKey: ['content-text', ticket.url],
    queryFn: ({ signal }) => fetchText(ticket, textLimit, signal),
    gcTime: 0,
  });
  if (text.isError) return <Unreadable onRetry={() => void text.refetch()} />;
  if (text.data === undefined) return <BlockLoading height={200} label="Fetching the text…" />;
  if (text.data.text === '') return <NoView title="An empty file">There is nothing in it.</NoView>;
  if (isBinary(text.data.text))
    return (
      <NoView title="This is no text">
        Its name ends like a text’s, but it holds something else. Press <b>Open</b> to see it with another program, or
        restore it.
      </NoView>
    );
  return (
    <>
      <pre
        className={classes['text']}
        data-lines={hasOwnLines(text.data.text) ? 'own' : 'broken'}
        tabIndex={0}
        role="region"
        aria-label={`Text of ${visibleName(label)}`}
      >
        {text.data.text}
      </pre>
      {(text.data.isCut || text.data.encoding !== 'UTF-8') && (
        <div className={classes['bar']}>
          {text.data.isCut && (
            <span>
              The first {bytesText(textLimit)} of {bytesText(ticket.size)}
            </span>
          )}
          {text.data.encoding !== 'UTF-8' && <span>Read as {text.data.encoding}</span>}
        </div>
      )}
    </>
  );
}

function hasOwnLines(text: string): boolean {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    if ((end < 0 ? text.length : end) - from > longestWritten) return false;
    if (end < 0) break;
    from = end + 1;
  }
  return true;
}
