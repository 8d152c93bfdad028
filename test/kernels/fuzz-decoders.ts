import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKernels, runTask } from '../../native-workers/load.ts';
import { cancelWords } from '../../native-workers/tasks.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { encodePng } from '../engine/png.ts';
import { seededRandom } from '../formats/mutate.ts';
import { greyJpeg, progressiveJpeg } from './jpeg-samples.ts';
import { mutateBytes, withPngChecksums } from './mutate-bytes.ts';
import { encodeTiff } from './tiff.ts';

/**
 * Run as a process of its own: mutates files, has them inspected, and prints one line of JSON a kind. So a crash or a
 * hang of a decoder is seen from outside.
 */
export interface FuzzReport {
  readonly kind: string;
  readonly runs: number;
  /** How often each error tag came; `decoded` for files that were read. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly peakRssBytes: number;
}

const [width, height] = [61, 47];
const ramp = Array.from({ length: width * height }, (_, i) => ((i % width) * 5 + Math.floor(i / width) * 3) % 256);
const shallow = Uint8Array.from(ramp);
const deep = Uint16Array.from(ramp, (v) => v * 200);

/** Sound files of each kind. */
const samples: Readonly<Record<string, readonly Uint8Array[]>> = {
  png: [encodePng({ width, height, pixels: shallow }), encodePng({ width, height, pixels: deep })],
  'tiff-u8': [true, false].map((deflated) => encodeTiff({ width, height, pixels: shallow, rowsPerStrip: 9, deflated })),
  'tiff-u16': [true, false].map((deflated) => encodeTiff({ width, height, pixels: deep, rowsPerStrip: 9, deflated })),
  jpeg: [greyJpeg, progressiveJpeg],
};

function fuzz(
  kind: string,
  files: readonly Uint8Array[],
  runs: number,
  inspect: (file: Uint8Array) => string,
): FuzzReport {
  const random = seededRandom(20_240_501);
  const outcomes: Record<string, number> = {};
  let slowestMs = 0;
  for (let run = 0; run < runs; run++) {
    const mutated = mutateBytes(files[run % files.length] ?? new Uint8Array(), random);
    const file = kind === 'png' && random() < 0.7 ? withPngChecksums(mutated) : mutated;
    const start = performance.now();
    const outcome = inspect(file);
    slowestMs = Math.max(slowestMs, performance.now() - start);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return { kind, runs, outcomes, slowestMs, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}

function main(kernelsFile: string, runs: number): void {
  const kernels = loadKernels(kernelsFile);
  const cancel = new Int32Array(new SharedArrayBuffer(4 * cancelWords.length));
  const folder = mkdtempSync(join(tmpdir(), 'lamella-fuzz-'));
  const path = join(folder, 'tile');
  const inspect = (file: Uint8Array): string => {
    writeFileSync(path, file);
    try {
      runTask(kernels, 'inspect-tile', { path, budget: { maxPixels: 1 << 22 } }, [], cancel);
      return 'decoded';
    } catch (error) {
      return isLamellaError(error) ? error.tag : String(error);
    }
  };
  for (const [kind, files] of Object.entries(samples)) {
    for (const file of files) {
      if (inspect(file) !== 'decoded') throw new Error(`the sound ${kind} sample is not read`);
    }
    console.log(JSON.stringify(fuzz(kind, files, runs, inspect)));
  }
  rmSync(folder, { recursive: true });
}

const [kernelsFile, runs] = process.argv.slice(2);
if (kernelsFile !== undefined) main(kernelsFile, Number(runs));
