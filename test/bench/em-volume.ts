import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { seededRandom } from '../formats/mutate.ts';

const here = import.meta.dirname;
const sections = join(here, '../../../shared/data/ssTEM-vnc/raw');

export const threadFiles = {
  workerFile: join(here, '../../native-workers/worker.ts'),
  kernelsFile: join(here, '../../native-workers/lamella-kernels.node'),
};

/** Says where the voxels come from, for the table. */
export const emSource = existsSync(sections) ? 'real EM' : 'synthetic texture';

/**
 * A uint8 cube, x fastest: quarters of real serial sections one after the other, with a little noise so that a section
 * that comes back is no copy; blurred noise where the data is not there. Written to `volume.raw` of the folder.
 */
export async function writeEmVolume(folder: string, side: number): Promise<string> {
  const planes = existsSync(sections) ? await quartersOfSections(side) : [noisePlane(side)];
  const random = seededRandom(11);
  const volume = new Uint8Array(side ** 3);
  for (let z = 0; z < side; z++) {
    const plane = planes[z % planes.length] ?? new Uint8Array(side * side);
    const at = z * side * side;
    for (let i = 0; i < plane.length; i++)
      volume[at + i] = Math.max(0, Math.min(255, (plane[i] ?? 0) + Math.floor(random() * 5) - 2));
  }
  const file = join(folder, 'volume.raw');
  writeFileSync(file, volume);
  return file;
}

async function quartersOfSections(side: number): Promise<readonly Uint8Array[]> {
  const pool = new Pool({ ...threadFiles, threads: 2, log: (line) => console.error(line) });
  const names = readdirSync(sections).filter((name) => name.endsWith('.tif'));
  try {
    const pictures = await Promise.all(names.map((name) => pool.run('decode-tile', { path: join(sections, name) })));
    return pictures.flatMap(({ header: { sizePx }, outputs: [pixels] }) =>
      [0, 1].flatMap((row) =>
        [0, 1].map((column) => crop(pixels ?? new Uint8Array(), sizePx[0], column * 512, row * 512, side)),
      ),
    );
  } finally {
    await pool.close();
  }
}

function crop(pixels: Uint8Array, width: number, left: number, top: number, side: number): Uint8Array {
  const out = new Uint8Array(side * side);
  for (let y = 0; y < side; y++)
    out.set(pixels.subarray((top + y) * width + left, (top + y) * width + left + side), y * side);
  return out;
}

function noisePlane(side: number): Uint8Array {
  const random = seededRandom(4);
  const plane = new Uint8Array(side * side);
  let level = 128;
  for (let i = 0; i < plane.length; i++) {
    level = 0.9 * level + 0.1 * 255 * random();
    plane[i] = level;
  }
  return plane;
}
