import { engine } from '../../engine.ts';
import { base64Of } from './svg.ts';

/** A file that the window makes, sent in parts while it is made. */
export interface FigureFile {
  /** Appends, or writes at a byte. */
  write(bytes: Uint8Array, at?: number): Promise<void>;
  /** Settles once the file is whole, under its name. */
  finish(): Promise<{ readonly name: string; readonly bytes: number }>;
  /** Leaves nothing behind; of a file that is finished, nothing is done. */
  discard(): Promise<void>;
}

/** Small writes go together; parts stay below what a call may hold. */
const partBytes = 3 << 20;

export async function beginFile(out: string): Promise<FigureFile> {
  const { file } = await engine().figure.begin({ out });
  let buffer = new Uint8Array(partBytes);
  let [buffered, sent, over] = [0, 0, false];

  const send = async (bytes: Uint8Array, at: number): Promise<void> => {
    for (let from = 0; from < bytes.byteLength; from += partBytes)
      await engine().figure.write({ file, at: at + from, base64: base64Of(bytes.subarray(from, from + partBytes)) });
  };
  const flush = async (): Promise<void> => {
    if (buffered === 0) return;
    const [bytes, at] = [buffer.subarray(0, buffered), sent];
    [buffer, buffered, sent] = [new Uint8Array(partBytes), 0, sent + bytes.byteLength];
    await send(bytes, at);
  };

  return {
    write: async (bytes, at) => {
      if (at !== undefined) {
        await flush();
        return send(bytes, at);
      }
      for (let from = 0; from < bytes.byteLength;) {
        const part = bytes.subarray(from, from + partBytes - buffered);
        buffer.set(part, buffered);
        buffered += part.byteLength;
        from += part.byteLength;
        if (buffered === partBytes) await flush();
      }
    },
    finish: async () => {
      await flush();
      over = true;
      return engine().figure.finish({ file });
    },
    discard: async () => {
      if (!over) await engine().figure.finish({ file, discard: true });
      over = true;
    },
  };
}

/** Writes a text as a file; nothing is left behind where it throws. */
export async function writeText(out: string, text: string): Promise<{ readonly name: string }> {
  const file = await beginFile(out);
  try {
    await file.write(new TextEncoder().encode(text));
    return await file.finish();
  } finally {
    await file.discard();
  }
}
