/** What the window asks of the worker that decodes a TIFF. Pages count from 0. */
export type TiffQuestion =
  { readonly type: 'open'; readonly url: string } | { readonly type: 'draw'; readonly page: number };

export type TiffAnswer =
  | { readonly type: 'opened'; readonly pages: number }
  | {
      readonly type: 'drawn';
      readonly page: number;
      /** Of the picture itself; the bitmap may be smaller. */
      readonly width: number;
      readonly height: number;
      readonly bitmap: ImageBitmap;
      /** Whether the file ends before the picture does: the rest is drawn black. */
      readonly isCut: boolean;
    }
  | { readonly type: 'too-large'; readonly page: number; readonly width: number; readonly height: number }
  | { readonly type: 'failed' };
