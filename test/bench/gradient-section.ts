import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskInput } from '../../native-workers/tasks.ts';
import { makeTexture } from '../engine/acquisition.ts';
import { encodePng } from '../engine/png.ts';
import { seededRandom } from '../formats/mutate.ts';

export interface SectionWorkload {
  /** Tiles along each side; each brightens or darkens its tissue by up to a fifth. */
  readonly across: number;
  /** Pixels from tile to tile, and pixels that neighbours share. */
  readonly pitchPx: number;
  readonly overlapPx: number;
  /** Tiles that are missing, by their number. */
  readonly missing?: readonly number[];
}

/** Pictures of other tissue; more would take long to make, and change nothing. */
const pictures = 4;

/** Writes a section of tiles, each a file of its own, and gives what the kernel takes at a cell a pixel. */
export function writeSection(folder: string, work: SectionWorkload): TaskInput<'even-seams'> {
  const { across, pitchPx, overlapPx, missing = [] } = work;
  const side = pitchPx + overlapPx;
  const random = seededRandom(3);
  const texture = makeTexture(512, 17);
  for (let i = 0; i < pictures; i++) {
    const gain = 0.8 + (0.4 * i) / (pictures - 1);
    const pixels = new Uint8Array(side * side);
    for (let at = 0; at < pixels.length; at++)
      pixels[at] =
        gain * (120 + 25 * texture.at(((at % side) % 500) + 4, (Math.floor(at / side) % 500) + 4) + 6 * random());
    writeFileSync(join(folder, `picture-${i}.png`), encodePng({ width: side, height: side, pixels }));
  }
  const tiles = Array.from({ length: across * across }, (_, tile) => {
    const path = join(folder, `${tile}.png`);
    copyFileSync(join(folder, `picture-${Math.floor(random() * pictures)}.png`), path);
    const [x, y] = [(tile % across) * pitchPx, Math.floor(tile / across) * pitchPx];
    return { image: { path, scale: 1, sizePx: [side, side] }, stackFromTile: [1, 0, 0, 1, x, y] } as const;
  });
  return {
    tiles: tiles.filter((_, tile) => !missing.includes(tile)),
    stepPx: 1,
    reachPx: across * pitchPx,
    columns: 9,
    rows: 9,
  };
}
