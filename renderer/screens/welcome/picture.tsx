import type { ReactNode } from 'react';
import classes from './picture.module.css';

const label =
  'Your folder on a file server is the first copy. Strongroom reads it, never writes there, and keeps a second copy in Google Drive or on another disk and a third copy in S3, with every version of every file.';

/** The three copies in one picture: the folder, Strongroom beside it, and the second and third copy elsewhere. */
export function Picture(): ReactNode {
  return (
    <>
      <svg viewBox="0 0 920 286" role="img" aria-label={label} className={classes['wide']}>
        <Head id="picture-head-wide" />
        <Folder x={10} y={63} />
        <Strongroom x={345} y={43} />
        <Card x={680} y={13} title="Second copy" words="Google Drive, or a disk" more="plain files, plain folders" />
        <Card x={680} y={158} title="Third copy" words="S3, Amazon’s or your own" more="plain files, plain folders" />
        <g className={classes['arrow']}>
          <path d="M252 143H334" markerEnd="url(#picture-head-wide)" />
          <path d="M583 113C628 113 628 73 670 73" markerEnd="url(#picture-head-wide)" />
          <path d="M583 173C628 173 628 218 670 218" markerEnd="url(#picture-head-wide)" />
        </g>
      </svg>
      <svg viewBox="0 0 500 640" role="img" aria-label={label} className={classes['narrow']}>
        <Head id="picture-head-narrow" />
        <Folder x={135} y={6} />
        <Strongroom x={135} y={222} />
        <Card x={4} y={486} title="Second copy" words="Google Drive, or a disk" more="plain files, plain folders" />
        <Card x={266} y={486} title="Third copy" words="S3, Amazon’s or your own" more="plain files, plain folders" />
        <g className={classes['arrow']}>
          <path d="M250 172V212" markerEnd="url(#picture-head-narrow)" />
          <path d="M200 430C200 456 120 446 120 476" markerEnd="url(#picture-head-narrow)" />
          <path d="M300 430C300 456 380 446 380 476" markerEnd="url(#picture-head-narrow)" />
        </g>
      </svg>
    </>
  );
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function Head({ id }: { readonly id: string }): ReactNode {
  return (
    <defs>
      <marker id={id} viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto">
        <path d="M0 0 10 5 0 10z" className={classes['accent']} />
      </marker>
    </defs>
  );
}

function Folder({ x, y }: Place): ReactNode {
  return (
    <g>
      <Card x={x} y={y} height={160} title="Your folder" words="the first copy, where it is" />
      <g className={classes['leaf']}>
        {[24, 74, 124].map((left) => (
          <path key={left} d={`M${x + left} ${y + 84}h26l9 9v42h-35z`} />
        ))}
      </g>
    </g>
  );
}

const promises = ['every version kept', 'every copy verified', 'no false deletions', 'any day can be restored'];

function Strongroom({ x, y }: Place): ReactNode {
  return (
    <g>
      <Card x={x} y={y} height={200} title="Strongroom" words="reads, never writes there" />
      {promises.map((promise, at) => (
        <g key={promise}>
          <circle cx={x + 28} cy={y + 89 + at * 27} r="3.5" className={classes['accent']} />
          <text x={x + 41} y={y + 94 + at * 27} className={classes['line']}>
            {promise}
          </text>
        </g>
      ))}
    </g>
  );
}

function Card({
  x,
  y,
  height = 120,
  title,
  words,
  more,
}: Place & {
  readonly height?: number;
  readonly title: string;
  readonly words: string;
  readonly more?: string;
}): ReactNode {
  return (
    <g>
      <rect x={x} y={y} width="230" height={height} rx="12" className={classes['card']} />
      <text x={x + 24} y={y + 36} className={classes['title']}>
        {title}
      </text>
      <text x={x + 24} y={y + 59} className={classes['words']}>
        {words}
      </text>
      {more !== undefined && (
        <text x={x + 24} y={y + 97} className={classes['words']}>
          {more}
        </text>
      )}
    </g>
  );
}
