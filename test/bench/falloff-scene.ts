import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TileImage } from '../../native-workers/tile-image.ts';
import { makeTexture } from '../engine/acquisition.ts';
import { encodePng } from '../engine/png.ts';
import { seededRandom } from '../formats/mutate.ts';

/** Tissue that fills tiles, as of an electron microscope; or cells that glow, with 95 % of the picture dark. */
export type FalloffKind = 'dense' | 'sparse';

export interface FalloffScene {
  readonly sidePx: number;
  readonly images: readonly TileImage[];
  /** The camera adds a level that is in no light. */
  readonly hasOffset: boolean;
  /** The truth: brightness at a place of the tile, 0 to 1 along x and y. */
  readonly falloff: (x: number, y: number) => number;
}

const sidePx = 256;
const across = 8;
const offset = 100;

/** A lens darker by a fifth in its farthest corner, a little off centre. */
const falloff = (x: number, y: number): number => 1 - 0.2 * (((x - 0.45) ** 2 + (y - 0.53) ** 2) / 0.583);

/** Writes 8 x 8 tiles (16 bit) as one camera sees them: pictures, the same pixels in `tiles.raw`, `truth.raw` (f64). */
export function tilesUnderFalloff(folder: string, kind: FalloffKind): FalloffScene {
  const random = seededRandom(kind === 'dense' ? 41 : 43);
  const tissueOf = kind === 'dense' ? denseTissue(random) : sparseTissue(random);
  const added = kind === 'sparse' ? offset : 0;
  const truth = Float64Array.from({ length: sidePx * sidePx }, (_, i) =>
    falloff(((i % sidePx) + 0.5) / sidePx, (Math.floor(i / sidePx) + 0.5) / sidePx),
  );
  const all = new Uint16Array(across * across * sidePx * sidePx);
  const images = Array.from({ length: across * across }, (_, tile) => {
    const tissue = tissueOf(tile);
    const pixels = all.subarray(tile * tissue.length, (tile + 1) * tissue.length);
    for (let i = 0; i < pixels.length; i++) {
      const light = (tissue[i] ?? 0) * (truth[i] ?? 0);
      // Noise of photons and of reading, about normal.
      const noise = random() + random() + random() + random() - 2;
      pixels[i] = Math.max(0, Math.min(65_535, Math.round(light + added + noise * (3 + Math.sqrt(light)))));
    }
    const path = join(folder, `${tile}.png`);
    writeFileSync(path, encodePng({ width: sidePx, height: sidePx, pixels }));
    return { path, scale: 1, sizePx: [sidePx, sidePx] as const };
  });
  writeFileSync(join(folder, 'tiles.raw'), all);
  writeFileSync(join(folder, 'truth.raw'), truth);
  return { sidePx, images, hasOffset: kind === 'sparse', falloff };
}

/** Tissue of a large section, each tile brighter or darker by up to a tenth. */
function denseTissue(random: () => number): (tile: number) => Float32Array {
  const texture = makeTexture(across * sidePx + 8, 7);
  return (tile) => {
    const gain = 90 + 20 * random();
    const [x0, y0] = [(tile % across) * sidePx + 4, Math.floor(tile / across) * sidePx + 4];
    return Float32Array.from(
      { length: sidePx * sidePx },
      (_, i) => gain * Math.max(10, 128 + 28 * texture.at(x0 + (i % sidePx), y0 + Math.floor(i / sidePx))),
    );
  };
}

/** A faint glow of the tissue, other in each tile, and bright round cells over a twentieth of it. */
function sparseTissue(random: () => number): (tile: number) => Float32Array {
  return () => {
    const glow = 200 + 200 * random();
    const levels = new Float32Array(sidePx * sidePx).fill(glow);
    let covered = 0;
    // Some tiles show many cells, some none.
    const wanted = 0.1 * random() * levels.length;
    while (covered < wanted) {
      const [x, y, radius] = [sidePx * random(), sidePx * random(), 3 + 5 * random()];
      const bright = 500 + 6000 * random() ** 3;
      for (let v = Math.max(0, Math.ceil(y - radius)); v < Math.min(sidePx, y + radius); v++)
        for (let u = Math.max(0, Math.ceil(x - radius)); u < Math.min(sidePx, x + radius); u++)
          if ((u - x) ** 2 + (v - y) ** 2 < radius ** 2) levels[v * sidePx + u]! += bright;
      covered += Math.PI * radius ** 2;
    }
    return levels;
  };
}
