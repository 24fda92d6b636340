/*
 * The few globals that Node, browsers and Electron all have, and that `shared/` may use. Only this folder's tsconfig
 * reads this file; the other layers bring their own, fuller types.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label: 'utf-8', options: { fatal: boolean; ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}
declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(query?: string);
  readonly size: number;
  get(name: string): string | null;
  set(name: string, value: string): void;
  keys(): IterableIterator<string>;
  toString(): string;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}
