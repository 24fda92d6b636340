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

/**
 * Endings that systems run when they are opened. A copy of such a file is never opened from here: the version may be the
 * very one that an attack left behind. https://learn.microsoft.com/deployedge/microsoft-edge-security-downloads-interruptions
 */
const programs = new Set(
  (
    'exe com bat cmd msi msp msix appx scr pif cpl hta js jse vbs vbe wsf wsh ws ps1 psm1 lnk url inf reg scf jar ' +
    'sh bash zsh csh ksh command app pkg dmg workflow terminal desktop appimage run deb rpm py pyw pl rb php ' +
    'docm dotm xlsm xltm xlam pptm potm ppam ppsm sldm xll chm gadget application msc iso img vhd vhdx html htm xhtml svg mht mhtml ' +
    'action appref-ms bin dll fish ins job library-ms mst out paf prg ps1xml ps2 psc1 psd1 pyc rgs sct ' +
    'settingcontent-ms shb shs tool u3p vb vbscript webloc xbap'
  ).split(' '),
);

/** Whether opening a file of this name would, or could, run something. */
export function couldRun(name: string): boolean {
  // Windows leaves out dots and blanks at a name's end.
  const bare = name.replace(/[. ]+$/, '');
  return programs.has(bare.slice(bare.lastIndexOf('.') + 1).toLowerCase()) && bare.includes('.');
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
