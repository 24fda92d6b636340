import {
  IconFile,
  IconFileMusic,
  IconFileText,
  IconFileTypePdf,
  IconFolder,
  IconMovie,
  IconPhoto,
  IconTable,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';

const icons: ReadonlyMap<string, typeof IconFile> = new Map([
  ...['jpg', 'jpeg', 'png', 'gif', 'webp', 'avif', 'bmp', 'tif', 'tiff', 'jp2', 'svg'].map(
    (end) => [end, IconPhoto] as const,
  ),
  ...['txt', 'md', 'xml', 'json', 'html', 'htm', 'rtf', 'doc', 'docx', 'odt', 'log'].map(
    (end) => [end, IconFileText] as const,
  ),
  ...['csv', 'tsv', 'xls', 'xlsx', 'ods'].map((end) => [end, IconTable] as const),
  ...['wav', 'mp3', 'flac', 'ogg', 'oga', 'm4a', 'aac', 'aif', 'aiff'].map((end) => [end, IconFileMusic] as const),
  ...['mp4', 'mov', 'webm', 'mkv', 'avi', 'm4v', 'mpg', 'mpeg', 'ogv'].map((end) => [end, IconMovie] as const),
  ['pdf', IconFileTypePdf],
]);

/** A sign for the kind of file, by the ending of its name; decoration only. */
export function FileIcon({
  name,
  folder,
  className,
}: {
  readonly name: string;
  readonly folder: boolean;
  readonly className?: string | undefined;
}): ReactNode {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const Icon = folder ? IconFolder : (icons.get(ending) ?? IconFile);
  return <Icon size={18} stroke={1.6} aria-hidden className={className} data-folder={folder} />;
}
