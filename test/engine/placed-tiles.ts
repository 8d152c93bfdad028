import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Affine } from '../../preload/contract/space.ts';
import { encodePng, type Picture } from './png.ts';
import { importTiles, type TempEngine } from './temp-engine.ts';

/** A tile with what its tilespec says of it. */
export interface TestTile {
  readonly tileId: string;
  readonly picture: Picture;
  readonly affine: Affine;
  readonly mask?: Picture;
  readonly intensity?: readonly [number, number];
  readonly more?: readonly { readonly className: string; readonly dataString: string }[];
}

const affineClass = 'mpicbg.trakem2.transform.AffineModel2D';

export const polynomial = (dataString: string) => ({
  className: 'mpicbg.trakem2.transform.PolynomialTransform2D',
  dataString,
});

/** Smooth enough that what lies between pixels can be told, different everywhere. */
export function texture(width: number, height: number, seed: number): Picture {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      pixels[y * width + x] = Math.round(
        128 + 60 * Math.sin(x / 5 + seed) * Math.cos(y / 7 - seed) + 40 * Math.sin((x + 2 * y) / 11 + 3 * seed),
      );
  return { width, height, pixels };
}

export const flat = (width: number, height: number, level: (x: number, y: number) => number): Picture => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height }, (_, i) => level(i % width, Math.floor(i / width))),
});

/** Imports tiles by their tilespecs, and gives the stack version of the places that they say. */
export async function stackOf(at: TempEngine, tiles: readonly TestTile[]): Promise<{ dataset: string; stack: string }> {
  const source = join(at.folder, 'tiles');
  mkdirSync(source, { recursive: true });
  const specs = tiles.map(({ tileId, picture, affine, mask, intensity, more = [] }) => {
    writeFileSync(join(source, `${tileId}.png`), encodePng(picture));
    if (mask) writeFileSync(join(source, `${tileId}-mask.png`), encodePng(mask));
    const specList = [{ className: affineClass, dataString: affine.join(' ') }, ...more];
    return {
      tileId,
      z: 0,
      width: picture.width,
      height: picture.height,
      ...(intensity && { minIntensity: intensity[0], maxIntensity: intensity[1] }),
      mipmapLevels: { '0': { imageUrl: `${tileId}.png`, ...(mask && { maskUrl: `${tileId}-mask.png` }) } },
      transforms: { type: 'list', specList },
    };
  });
  writeFileSync(join(source, 'layout.json'), JSON.stringify(specs));
  const { dataset } = await importTiles(at, source, 'render:layout.json');
  const { value } = await at.client.library.info({ library: at.library });
  const imported = value.stacks.find((stack) => stack.dataset === dataset);
  return { dataset, stack: imported?.id ?? (await placedAsImported(at, dataset)) };
}

/** Fixed places as a stack version: what stitching gives where no link is good enough to move a tile. */
export async function placedAsImported({ client, library, result }: TempEngine, dataset: string): Promise<string> {
  const started = client.stitch.start({ library, dataset, model: 'translation', minNcc: 1 });
  await result(started).catch(() => undefined);
  const { value } = await client.library.info({ library });
  const stack = value.stacks.find((one) => one.dataset === dataset);
  if (!stack) throw new Error('no stack was made');
  return stack.id;
}

/** Four that overlap, each turned a little otherwise. */
export const fourTiles: readonly TestTile[] = [0, 1, 2, 3].map((i) => ({
  tileId: `t${i}`,
  picture: texture(150, 120, i + 1),
  affine: [1.01, 0.02 * i, -0.015 * i, 0.99, 130.3 * (i % 2), 104.7 * (i >> 1)],
}));
