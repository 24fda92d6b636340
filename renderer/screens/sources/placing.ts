import type { StoreShape } from '../../../shared/contract/shapes.ts';

/** A store that was chosen for a source, as far as its place matters. */
export interface ChosenStore {
  readonly name: string;
  readonly kind: StoreShape['kind'];
  /** The disk or share that a folder store lies on; `undefined` where nobody knows, and for the others. */
  readonly disk: string | undefined;
}

export interface PlacingAdvice {
  /** `warn`: a single mishap would take everything; `hint`: nothing is wrong, and something is still to be said. */
  readonly tone: 'warn' | 'hint' | 'good';
  readonly title: string;
  readonly text: string;
}

/**
 * What a person should know about where the copies would go, the gravest first.
 * @param sourceDisk the disk or share of the source's own folder, where it is known
 * @param isSo whether the copies lie there already, so that it is no warning of what would be
 */
export function adviceOnPlacing(
  sourceDisk: string | undefined,
  chosen: readonly ChosenStore[],
  isSo = false,
): PlacingAdvice {
  const [first] = chosen;
  if (first === undefined) {
    return {
      tone: 'hint',
      title: 'Choose at least one store',
      text: 'Tick where copies are to be kept. Two are better than one.',
    };
  }
  const [one, all] = isSo ? ['is', 'are'] : ['would be', 'would be'];
  const besideSource = chosen.filter(({ disk }) => disk !== undefined && disk === sourceDisk);
  if (besideSource.length === chosen.length) {
    return {
      tone: 'warn',
      title:
        chosen.length === 1
          ? `The copy ${one} on the same disk as the folder`
          : `All copies ${all} on the same disk as the folder`,
      text: 'If that disk fails, the folder and its copies are lost together. Choose a store on another disk, in Google Drive or in S3.',
    };
  }
  if (chosen.length === 1) {
    return {
      tone: 'warn',
      title: 'Only one store is chosen',
      text: 'That makes two copies with the original. If one is lost, nothing is left to check the other against. Choose a second store, best in another building or with another provider.',
    };
  }
  const disks = new Set(chosen.map(({ disk, name }) => disk ?? `store ${name}`));
  if (disks.size === 1) {
    return {
      tone: 'warn',
      title: `All copies ${all} on one disk`,
      text: 'If that disk fails, only the original is left. Choose a store on another disk, in Google Drive or in S3 as well.',
    };
  }
  if (besideSource.length > 0) {
    const names = besideSource.map(({ name }) => `“${name}”`).join(' and ');
    return {
      tone: 'hint',
      title: `${names} ${besideSource.length === 1 ? 'is' : 'are'} on the same disk as the folder`,
      text: 'Handy against a slip of the hand, but no help if that disk fails. The other stores are.',
    };
  }
  const unknown = chosen.filter(
    ({ kind, disk }) => kind === 'folder' && (disk === undefined || sourceDisk === undefined),
  );
  if (unknown.length > 0) {
    const names = unknown.map(({ name }) => `“${name}”`).join(' and ');
    return {
      tone: 'hint',
      title: `Make sure that ${names} ${unknown.length === 1 ? 'is on a disk of its own' : 'are on disks of their own'}`,
      text: 'Strongroom cannot tell which disk that is. Copies on the disk of the folder itself would be lost together with it.',
    };
  }
  if (chosen.every(({ kind }) => kind === 'folder')) {
    return {
      tone: 'hint',
      title: 'All copies are in folders',
      text: 'Different disks protect against a broken disk. A store in Google Drive or S3 would protect against a fire or a flood as well.',
    };
  }
  return {
    tone: 'good',
    title: `${inNumbers(chosen.length + 1)} copies in ${chosen.length} other places`,
    text: 'The original and every copy lie apart: whatever happens to one of them, the others remain.',
  };
}

function inNumbers(count: number): string {
  return ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six'][count] ?? String(count);
}
