import { Modal, Select, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ContentTicket, FileVersion } from '../../../../shared/contract/shapes.ts';
import { baseName } from '../../../../shared/names.ts';
import { bytesText, counted, countText, minuteText } from '../../../parts/figures.tsx';
import { BlockLoading } from '../../../parts/loading.tsx';
import { visibleName } from '../../../parts/name.tsx';
import { useReturnFocus } from '../../../parts/return-focus.ts';
import { ProblemNote, problemOf } from '../../../parts/problem.tsx';
import { fetchText, useTicket } from './content.ts';
import { isBinary } from './decode-text.ts';
import { foldedLines, withPlainEnds, type DiffLine } from './fold.ts';
import { Preview } from './preview.tsx';
import { NoView, Unreadable } from './viewer-parts.tsx';
import classes from './compare.module.css';

/** Bytes of each text that are compared. */
const textLimit = 512 * 1_024;
/** Lines of the same text that are left beside each change. */
const context = 3;
/** Milliseconds after which two texts count as too different. */
const patience = 3_000;
/** Lines drawn at most. */
const mostLines = 5_000;

interface CompareProps {
  readonly source: string;
  readonly path: string;
  readonly versions: readonly FileVersion[];
  /** The version that the panel shows: compared with the one before it at first, or with the one after the first. */
  readonly shown: number;
  readonly onClose: () => void;
}

/** Two versions of a file beside one another. */
export default function Compare({ source, path, versions, shown, onClose }: CompareProps): ReactNode {
  useReturnFocus();
  const contents = versions.filter((version) => !version.deleted).toSorted((a, b) => a.number - b.number);
  const at = Math.max(
    1,
    contents.findIndex((version) => version.number === shown),
  );
  const [older, setOlder] = useState(contents[at - 1]?.number ?? 1);
  const [newer, setNewer] = useState(contents[at]?.number ?? 1);
  const options = contents.toReversed().map((version) => ({
    value: String(version.number),
    label: `Version ${countText(version.number)}, ${minuteText(version.firstSeen)}`,
  }));
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1400px, 94vw)"
      title={`Compare versions of ${visibleName(baseName(path))}`}
    >
      <div className={classes['choice']}>
        <Select
          label="Compare"
          data={options}
          value={String(older)}
          allowDeselect={false}
          onChange={(value) => setOlder(Number(value))}
        />
        <Select
          label="With"
          data={options}
          value={String(newer)}
          allowDeselect={false}
          onChange={(value) => setNewer(Number(value))}
        />
      </div>
      {older === newer ? (
        <NoView title="This is the same version twice">Choose another one on either side.</NoView>
      ) : (
        <Pair key={`${older} ${newer}`} source={source} path={path} older={older} newer={newer} />
      )}
    </Modal>
  );
}

interface PairProps {
  readonly source: string;
  readonly path: string;
  readonly older: number;
  readonly newer: number;
}

function Pair({ source, path, older, newer }: PairProps): ReactNode {
  const first = useTicket({ source, path, version: older });
  const second = useTicket({ source, path, version: newer });
  const failed = first.error ?? second.error;
  if (failed !== null) return <ProblemNote problem={problemOf(failed)} />;
  if (first.data === undefined || second.data === undefined) return <BlockLoading label="Fetching both versions…" />;
  const isText = ({ viewer }: ContentTicket) => viewer === 'text' || viewer === 'table';
  if (isText(first.data) && isText(second.data)) return <TextPair older={first.data} newer={second.data} />;
  return (
    <div className={classes['pair']}>
      {[older, newer].map((version) => (
        <section key={version} aria-label={`Version ${version}`}>
          <Preview content={{ source, path, version }} label={`version ${version} of ${baseName(path)}`} />
        </section>
      ))}
    </div>
  );
}

function TextPair({ older, newer }: { readonly older: ContentTicket; readonly newer: ContentTicket }): ReactNode {
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const compared = useQuery({
    queryKey: ['content-diff', older.url, newer.url],
    queryFn: async ({ signal }) => {
      const [before, after, { diffLines }] = await Promise.all([
        fetchText(older, textLimit, signal),
        fetchText(newer, textLimit, signal),
        import('diff'),
      ]);
      // Windows ends lines by two characters: a file that only went through another editor is no other text.
      const [first, second] = [withPlainEnds(before.text), withPlainEnds(after.text)];
      const pieces = await new Promise<Parameters<typeof foldedLines>[0] | undefined>((resolve) =>
        // With a callback it works in slices, so that the window goes on.
        diffLines(first, second, { timeout: patience, callback: resolve }),
      );
      return {
        lines: pieces === undefined ? undefined : foldedLines(pieces, context),
        isBinary: isBinary(first) || isBinary(second),
        differsUnseen: first === second && before.text !== after.text,
        isCut: before.isCut || after.isCut,
      };
    },
    gcTime: 0,
  });
  if (compared.isError) return <Unreadable onRetry={() => void compared.refetch()} />;
  if (compared.data === undefined) return <BlockLoading label="Comparing…" />;
  const { lines, isCut, differsUnseen } = compared.data;
  if (compared.data.isBinary)
    return (
      <NoView title="These are no texts">
        The names end like a text’s, but the files hold something else. Open both versions to compare them with another
        program.
      </NoView>
    );
  if (lines === undefined)
    return (
      <NoView title="Too different to compare">
        Hardly a line is the same in both. Look at each version in the panel instead.
      </NoView>
    );
  const shown = lines.flatMap((line) => (line.kind === 'fold' && unfolded.has(line.id) ? line.lines : [line]));
  const added = lines.filter(({ kind }) => kind === 'added').length;
  const removed = lines.filter(({ kind }) => kind === 'removed').length;
  return (
    <>
      <p role="status">
        {added + removed === 0
          ? differsUnseen
            ? 'Both have the same text. They differ only in how their lines end, as Windows and other systems write it.'
            : 'Both have the same text.'
          : `${counted(added, 'line')} added, ${counted(removed, 'line')} removed.`}
        {isCut && ` Only the first ${bytesText(textLimit)} of each are compared.`}
      </p>
      {added + removed > 0 && (
        <div className={classes['diff']} tabIndex={0} role="region" aria-label="Differences, line by line">
          {shown.slice(0, mostLines).map((line, index) => (
            <Line key={index} line={line} onUnfold={(id) => setUnfolded(new Set([...unfolded, id]))} />
          ))}
          {shown.length > mostLines && (
            <NoView title={`The first ${countText(mostLines)} lines are shown`}>
              Open both versions to compare the rest with another program.
            </NoView>
          )}
        </div>
      )}
    </>
  );
}

function Line({ line, onUnfold }: { readonly line: DiffLine; readonly onUnfold: (id: number) => void }): ReactNode {
  if (line.kind === 'fold')
    return (
      <UnstyledButton className={classes['fold'] ?? ''} onClick={() => onUnfold(line.id)}>
        Show {counted(line.lines.length, 'line')} that {line.lines.length === 1 ? 'is' : 'are'} the same in both
      </UnstyledButton>
    );
  return (
    <div className={classes['line']} data-kind={line.kind}>
      <span className={classes['number']} aria-hidden>
        {line.older}
      </span>
      <span className={classes['number']} aria-hidden>
        {line.newer}
      </span>
      <span>
        <span aria-hidden>{line.kind === 'added' ? '+' : line.kind === 'removed' ? '−' : ''}</span>
        {line.kind !== 'same' && <span className="unseen">{line.kind === 'added' ? 'Added: ' : 'Removed: '}</span>}
      </span>
      <span className={classes['text']}>{line.text}</span>
    </div>
  );
}
