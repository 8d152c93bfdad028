import type { Warning } from '../../../preload/contract/reference.ts';
import type { TemcaMetadata } from './temca-metadata.ts';

type Facts = Omit<TemcaMetadata, 'warnings'>;
type Tile = Facts['tiles'][number];

/** Where a metadata file says two things that cannot both be true: each is named, and which one is used. */
export function temcaContradictions(facts: Facts, fileName: string): readonly Warning[] {
  return [
    ...repeated(facts.tiles),
    ...oddPixels(facts),
    ...oddAngles(facts.tiles),
    ...offGrid(facts),
    ...oddOverlap(facts, fileName),
  ];
}

function repeated(tiles: readonly Tile[]): readonly Warning[] {
  const byImage = new Map<string, Tile>();
  const byRaster = new Map<string, Tile>();
  const found: Warning[] = [];
  for (const tile of tiles) {
    if (byImage.has(tile.image))
      found.push({ subject: tile.image, message: `${tile.image} is listed twice; the last entry counts.` });
    const key = tile.raster?.join(',');
    const first = key === undefined ? undefined : byRaster.get(key);
    if (first && first.image !== tile.image)
      found.push({
        subject: tile.image,
        message: `${tile.image} and ${first.image} both say raster position ${key}.`,
        hint: 'One may be a second take: reject the other on the tile board.',
      });
    byImage.set(tile.image, tile);
    if (key !== undefined) byRaster.set(key, tile);
  }
  return found;
}

function oddPixels({ tiles, pixelNm }: Facts): readonly Warning[] {
  if (pixelNm === null) return [];
  return tiles
    .filter((tile) => tile.pixelNm.some((nm) => Math.abs(nm / pixelNm - 1) > 0.01))
    .map(({ image, pixelNm: [x, y] }) => ({
      subject: image,
      message: `${image} has pixels of ${x} x ${y} nm where the calibration says ${pixelNm} nm; its own are used for its place.`,
      hint: 'Check the magnification.',
    }));
}

function oddAngles(tiles: readonly Tile[]): readonly Warning[] {
  const usual = medianOf(tiles.map(({ angleDeg }) => angleDeg));
  return tiles
    .filter(({ angleDeg }) => Math.abs(angleDeg - usual) > 0.1)
    .map(({ image, angleDeg }) => ({
      subject: image,
      message: `${image} was taken at an angle of ${angleDeg} degrees where the others have ${usual}; its own is used for its place.`,
      hint: 'Check the rotation of the camera.',
    }));
}

/** Stage positions against the raster: what most steps say, and who does not fit. */
function offGrid({ tiles, sizePx }: Facts): readonly Warning[] {
  const onRaster = tiles.flatMap((tile) => (tile.raster ? [{ tile, raster: tile.raster }] : []));
  const pitch = pitchOf(tiles);
  const reach = sizePx ? 0.5 * Math.min(...sizePx) : null;
  if (!pitch || reach === null) return [];
  const corner = ([0, 1] as const).map((axis) =>
    medianOf(onRaster.map(({ tile, raster }) => tile.stageFromTile[(4 + axis) as 4 | 5] - raster[axis] * pitch[axis])),
  );
  return onRaster.flatMap(({ tile, raster }) => {
    const off = ([0, 1] as const).map(
      (axis) => tile.stageFromTile[(4 + axis) as 4 | 5] - raster[axis] * pitch[axis] - (corner[axis] ?? 0),
    );
    if (Math.hypot(...off) < reach) return [];
    return [
      {
        subject: tile.image,
        message: `${tile.image}: its stage position lies ${Math.round(Math.hypot(...off))} px off its raster position ${raster.join(', ')}; the stage position is used.`,
        hint: 'Look at it on the tile board, and stitch with a wider search if its neighbours do not match.',
      },
    ];
  });
}

function oddOverlap({ tiles, sizePx, overlap }: Facts, fileName: string): readonly Warning[] {
  const pitch = pitchOf(tiles);
  if (!pitch || !sizePx || overlap === null) return [];
  const steps = pitch.map((step, axis) => 1 - Math.abs(step) / sizePx[axis as 0 | 1]);
  const odd = steps.find((step) => Math.abs(step - overlap) > 0.02);
  if (odd === undefined) return [];
  return [
    {
      subject: fileName,
      message: `${fileName} says that neighbours overlap by ${percent(overlap)}, and its stage positions by ${percent(odd)}; the positions are used.`,
      hint: 'Check the calibration of stage and pixel size.',
    },
  ];
}

/** Pixels from column to column and from row to row: the median over tiles that are neighbours on the raster. */
function pitchOf(tiles: readonly Tile[]): readonly [number, number] | null {
  const byRaster = new Map(tiles.map((tile) => [tile.raster?.join(','), tile]));
  const along = (axis: 0 | 1): number | null => {
    const steps = tiles.flatMap(({ raster, stageFromTile }) => {
      const next =
        raster && byRaster.get(axis === 0 ? `${raster[0] + 1},${raster[1]}` : `${raster[0]},${raster[1] + 1}`);
      return next ? [next.stageFromTile[(4 + axis) as 4 | 5] - stageFromTile[(4 + axis) as 4 | 5]] : [];
    });
    return steps.length < 3 ? null : medianOf(steps);
  };
  const [x, y] = [along(0), along(1)];
  return x === null || y === null ? null : [x, y];
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

const percent = (part: number): string => `${Number((100 * part).toPrecision(2))} %`;
