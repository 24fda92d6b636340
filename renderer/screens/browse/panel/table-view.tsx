import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import Papa from 'papaparse';
import { useRef, type ReactNode } from 'react';
import { countText } from '../../../parts/figures.tsx';
import { BlockLoading } from '../../../parts/loading.tsx';
import { visibleName } from '../../../parts/name.tsx';
import { fetchText } from './content.ts';
import { isBinary } from './decode-text.ts';
import { NoView, Unreadable, type ViewerProps } from './viewer-parts.tsx';
import classes from './preview.module.css';

/** Bytes that are read, rows and columns that are shown. */
const limit = 2 * 1_024 * 1_024;
const mostRows = 1_000;
const mostColumns = 60;
const rowHeight = 30;
const nothing: readonly string[][] = [];

/** The first rows of a table of comma- or tab-separated values. */
export default function TableView({ ticket, label }: ViewerProps): ReactNode {
  const table = useQuery({
    queryKey: ['content-table', ticket.url],
    queryFn: async ({ signal }) => {
      const { text, isCut, encoding } = await fetchText(ticket, limit, signal);
      if (isBinary(text)) return null;
      // One more than is shown tells whether there are more.
      const asked = { preview: mostRows + 2, skipEmptyLines: true };
      const quoted = Papa.parse<string[]>(text, asked);
      // A quotation mark that is opened and never closed would take the rest of the file for one cell.
      const isOdd = !isCut && quoted.errors.some(({ code }) => code === 'MissingQuotes');
      const { data } = isOdd
        ? Papa.parse<string[]>(text, { ...asked, delimiter: quoted.meta.delimiter, quoteChar: '\u0000' })
        : quoted;
      // The last line may have been cut through.
      const whole = isCut && data.length < mostRows + 2 ? data.slice(0, -1) : data;
      return {
        head: whole[0] ?? [],
        rows: whole.slice(1, mostRows + 1),
        isCut: isCut || data.length > mostRows + 1,
        isOdd,
        encoding,
      };
    },
    gcTime: 0,
  });
  const box = useRef<HTMLDivElement>(null);
  const rows = table.data?.rows ?? nothing;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  if (table.isError) return <Unreadable onRetry={() => void table.refetch()} />;
  if (table.isPending) return <BlockLoading height={200} label="Fetching the table…" />;
  if (table.data === null)
    return (
      <NoView title="This is no table">
        Its name ends like a table’s, but it holds something else. Press <b>Open</b> to see it with another program, or
        restore it.
      </NoView>
    );
  if (table.data.head.length === 0) return <NoView title="An empty table">There is nothing in it.</NoView>;
  const columns = Math.min(
    mostColumns,
    rows.reduce((most, row) => Math.max(most, row.length), table.data.head.length),
  );
  const cells = (row: readonly string[], role: 'cell' | 'columnheader') =>
    Array.from({ length: columns }, (_, column) => (
      <div key={column} role={role} className={classes['tableCell']} data-tip={row[column]} data-tip-cut="line">
        {row[column]}
      </div>
    ));
  return (
    <>
      <div
        ref={box}
        role="table"
        aria-label={`Table of ${visibleName(label)}`}
        aria-rowcount={rows.length + 1}
        tabIndex={0}
        className={classes['table']}
      >
        <div role="rowgroup" className={classes['tableHead']}>
          <div role="row" aria-rowindex={1} className={classes['tableRow']}>
            {cells(table.data.head, 'columnheader')}
          </div>
        </div>
        <div role="rowgroup" className={classes['tableSizer']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              className={classes['tableRow']}
              style={{ transform: `translateY(${start}px)` }}
            >
              {cells(rows[index] ?? [], 'cell')}
            </div>
          ))}
        </div>
      </div>
      {(table.data.isCut || table.data.isOdd || table.data.encoding !== 'UTF-8') && (
        <div className={classes['bar']}>
          {table.data.isCut && <span>The first {countText(rows.length)} rows</span>}
          {table.data.isOdd && <span>A quotation mark in it is never closed: shown with the marks as they are</span>}
          {table.data.encoding !== 'UTF-8' && <span>Read as {table.data.encoding}</span>}
        </div>
      )}
    </>
  );
}
