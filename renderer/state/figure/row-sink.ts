/** Takes pictures in bands of whole rows, top first, so that none is ever in memory as a whole. */
export interface RowSink {
  /** `rgba`: some rows of the picture's width; alpha is left out. */
  rows(rgba: Uint8Array): Promise<void>;
  /** `lacks`: what the picture turned out to lack, in sentences; kept in the file. */
  end(lacks?: readonly string[]): Promise<void>;
}

/** Appends to a file, or writes at a byte that was written before. */
export type Write = (bytes: Uint8Array, at?: number) => Promise<void>;

export interface PictureFacts {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pixels a millimetre on paper; null: not said. */
  readonly pxPerMm: number | null;
  /** Nanometres of the specimen a pixel. */
  readonly nmPerPx: number;
  /** What the picture is and how it came to be; JSON. */
  readonly provenance: string;
}

/** `deflate`: with the header and the check sum of zlib, as PNG and TIFF hold it. */
export async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** ASCII: what is beyond is written as JSON escapes it. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
