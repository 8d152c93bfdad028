import { LamellaError } from '../../../preload/contract/errors.ts';
import type { FigureFile } from '../figure/figure-file.ts';
import type { PaneSize } from '../view.ts';

/** A WebM that frames are added to, one after the other; written while it is encoded. */
export interface VideoFile {
  readonly context: OffscreenCanvasRenderingContext2D;
  /** Takes what is drawn on the context now as the next frame. */
  add(): Promise<void>;
  /** Writes what is left; the file is not finished by it. */
  end(): Promise<void>;
  cancel(): Promise<void>;
}

export interface VideoRequest {
  readonly size: PaneSize;
  readonly fps: number;
  readonly file: FigureFile;
  /** Goes into the file's own tags. */
  readonly title: string;
  readonly comment: string;
}

/** Bits a pixel and frame: microscopy is noise to an encoder, and a sharp picture is wanted. */
const bitsPerPixel = 0.25;
const keyFrameSeconds = 2;

/** Throws 'conflict' where the system encodes neither VP9 nor VP8 of that size. */
export async function openVideo({ size, fps, file, title, comment }: VideoRequest): Promise<VideoFile> {
  // Loaded when the first movie is made: nobody else waits for it.
  const { CanvasSource, Output, StreamTarget, WebMOutputFormat, getFirstEncodableVideoCodec } =
    await import('mediabunny');
  const bitrate = Math.round(Math.min(60e6, Math.max(1e6, size.width * size.height * fps * bitsPerPixel)));
  const codec = await getFirstEncodableVideoCodec(['vp9', 'vp8'], { ...size, bitrate });
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d', { alpha: false });
  if (codec === null || !context) throw noEncoder(size);
  const target = new StreamTarget(new WritableStream({ write: ({ data, position }) => file.write(data, position) }), {
    chunked: true,
    chunkSize: 2 << 20,
  });
  const output = new Output({ format: new WebMOutputFormat(), target });
  const source = new CanvasSource(canvas, {
    codec,
    bitrate,
    keyFrameInterval: keyFrameSeconds,
    sizeChangeBehavior: 'deny',
  });
  output.addVideoTrack(source, { frameRate: fps });
  output.setMetadataTags({ title, comment });
  await output.start();
  let frame = 0;
  return {
    context,
    add: () => source.add(frame++ / fps, 1 / fps),
    end: () => output.finalize(),
    cancel: () => output.cancel(),
  };
}

const noEncoder = ({ width, height }: PaneSize): LamellaError =>
  new LamellaError('conflict', `This system encodes no WebM of ${width} x ${height} pixels.`, {
    hint: 'Make the movie smaller, or export its frames as figures.',
    fields: { width, height },
  });
