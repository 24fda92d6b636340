import type { ContentTicket } from '../../../shared/contract/shapes.ts';

export type Viewer = ContentTicket['viewer'];

export interface Media {
  /** As which it is served. */
  readonly type: string;
  readonly viewer: Viewer;
}

const text: Media = { type: 'text/plain; charset=utf-8', viewer: 'text' };
const plainBytes: Media = { type: 'application/octet-stream', viewer: 'none' };

/**
 * The closed table: what an ending is served as. Whatever a browser could run, or fetch other things for (HTML, SVG, XML,
 * scripts, style sheets), is served as plain text; whatever is not named here, as bytes to be saved.
 */
const byEnding = new Map<string, Media>([
  ...image('image/jpeg', 'jpg', 'jpeg', 'jpe', 'jfif'),
  ...image('image/png', 'png'),
  ...image('image/gif', 'gif'),
  ...image('image/webp', 'webp'),
  ...image('image/avif', 'avif'),
  ...image('image/bmp', 'bmp'),
  ...each({ type: 'image/tiff', viewer: 'tiff' }, 'tif', 'tiff'),
  ...each({ type: 'application/pdf', viewer: 'pdf' }, 'pdf'),
  ...each({ type: 'text/csv; charset=utf-8', viewer: 'table' }, 'csv'),
  ...each({ type: 'text/tab-separated-values; charset=utf-8', viewer: 'table' }, 'tsv', 'tab'),
  ...audio('audio/wav', 'wav', 'wave'),
  ...audio('audio/mpeg', 'mp3'),
  ...audio('audio/mp4', 'm4a'),
  ...audio('audio/flac', 'flac'),
  ...audio('audio/ogg', 'ogg', 'oga', 'opus'),
  ...audio('audio/aac', 'aac'),
  ...video('video/mp4', 'mp4', 'm4v'),
  ...video('video/webm', 'webm'),
  ...video('video/ogg', 'ogv'),
  ...video('video/quicktime', 'mov'),
  ...each(text, 'txt', 'text', 'md', 'markdown', 'log', 'ini', 'cfg', 'conf', 'nfo', 'srt', 'vtt', 'bib', 'ris', 'tex'),
  ...each(
    text,
    'html',
    'htm',
    'xhtml',
    'shtml',
    'svg',
    'xml',
    'xsl',
    'xslt',
    'xsd',
    'dtd',
    'mods',
    'mets',
    'rdf',
    'tei',
  ),
  ...each(text, 'js', 'mjs', 'cjs', 'jsx', 'ts', 'tsx', 'css', 'json', 'jsonl', 'geojson', 'yaml', 'yml', 'toml'),
  ...each(
    text,
    'py',
    'r',
    'c',
    'h',
    'cpp',
    'java',
    'rb',
    'php',
    'sh',
    'bat',
    'ps1',
    'sql',
    'mrk',
    'md5',
    'sha256',
    'sha1',
  ),
]);

/** Names without an ending that are text by custom. */
const textNames = new Set([
  'readme',
  'license',
  'licence',
  'copying',
  'changelog',
  'manifest',
  'makefile',
  'authors',
  'notice',
]);

/** What a file of this name is served as, and which viewer suits it. */
export function mediaOf(name: string): Media {
  const dot = name.lastIndexOf('.');
  const ending = name.slice(dot + 1).toLowerCase();
  if (dot > 0) return byEnding.get(ending) ?? plainBytes;
  return textNames.has(name.toLowerCase()) ? text : plainBytes;
}

function each(media: Media, ...endings: readonly string[]): [string, Media][] {
  return endings.map((ending) => [ending, media]);
}

function image(type: string, ...endings: readonly string[]): [string, Media][] {
  return each({ type, viewer: 'image' }, ...endings);
}

function audio(type: string, ...endings: readonly string[]): [string, Media][] {
  return each({ type, viewer: 'audio' }, ...endings);
}

function video(type: string, ...endings: readonly string[]): [string, Media][] {
  return each({ type, viewer: 'video' }, ...endings);
}
