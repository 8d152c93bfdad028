import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import type { Affine } from '../../../preload/contract/space.ts';
import type { TileSpec } from './render-fields.ts';
import { temcaContradictions } from './temca-contradictions.ts';

/**
 * The metadata file of a TEMCA (transmission electron microscope camera array), as the Allen Institute's microscopes write
 * it for each region: `[{"metadata": {…}}, {"data": [{"img_path", "img_meta": {"stage_pos", "raster_pos", "angle", …}}]}]`.
 * Stage positions are nanometres; pixels follow by the rotation of the camera:
 * x = (X cos a + Y sin a) / size, y = (-X sin a + Y cos a) / size.
 */
export interface TemcaTile {
  readonly tileId: string;
  readonly image: string;
  /** Column and row of the raster. */
  readonly raster: readonly [number, number] | null;
  /** Order of acquisition. */
  readonly index: number | null;
  readonly stageNm: readonly [number, number];
  readonly angleDeg: number;
  readonly pixelNm: readonly [number, number];
  readonly stageFromTile: Affine;
  /** As Render has it, with what the microscope measured under `acquisition`. */
  readonly spec: TileSpec;
}

export interface TemcaMetadata {
  readonly section: number;
  /** When the region was begun, as the microscope writes it: later is greater. '' where it does not say. */
  readonly createdAt: string;
  /** The middle of the region, which all positions are counted from. */
  readonly centreNm: readonly [number, number];
  /** Pixels from another middle to that of this region, as its camera is turned. */
  readonly pixelsFrom: (otherNm: readonly [number, number]) => readonly [number, number];
  readonly sizePx: readonly [number, number] | null;
  readonly pixelNm: number | null;
  /** The fraction by which neighbours are said to overlap. */
  readonly overlap: number | null;
  readonly tiles: readonly TemcaTile[];
  readonly warnings: readonly Warning[];
}

type Json = Readonly<Record<string, unknown>>;

export const looksLikeTemca = (head: string): boolean =>
  /"(temca_id|raster_pos|roi_index|stage_pos)"/.test(head) && /^\s*\[/.test(head);

const mostTiles = 500_000;

/** Reads the text of a metadata file. `z`: the section, where the caller knows it better than the name of the grid. */
export function parseTemcaMetadata(text: string, fileName: string, z?: number): TemcaMetadata {
  const parts = partsOf(text, fileName);
  const roi = parts.map(({ metadata }) => metadata).find(isRecord) ?? {};
  const data = parts.flatMap(({ data: images }) => (Array.isArray(images) ? (images as unknown[]) : []));
  if (data.length === 0) throw noTiles(fileName, 'It lists no images under "data".');
  if (data.length > mostTiles)
    throw noTiles(fileName, `It lists ${data.length} images; at most ${mostTiles} are read.`);
  const warnings: Warning[] = [];
  const camera = isRecord(roi['camera_info']) ? roi['camera_info'] : {};
  const about: Region = {
    roi,
    section: z ?? sectionOf(roi),
    sizePx: pairOf([camera['width'], camera['height']]),
    pixelNm: pixelNmOf(roi),
    centreNm: pairOf(roi['roi_center']) ?? [0, 0],
    camera: textOf(camera['camera_id']),
  };
  const tiles = data.flatMap((image, i) => tileOf(image, i, about, warnings) ?? []);
  const [first] = tiles;
  if (!first) throw noTiles(fileName, 'None of its images has a name and a stage position.');
  const metadata = {
    section: about.section,
    createdAt: textOf(roi['roi_creation_time']) ?? '',
    centreNm: about.centreNm,
    pixelsFrom: (otherNm: Pair) => pixelsOf(about.centreNm, otherNm, first.pixelNm, first.angleDeg),
    sizePx: about.sizePx,
    pixelNm: about.pixelNm,
    overlap: numberOf(roi['overlap']),
    tiles,
  };
  return { ...metadata, warnings: [...warnings, ...temcaContradictions(metadata, fileName)] };
}

/** What all images of the file share. */
interface Region {
  readonly roi: Json;
  readonly section: number;
  readonly sizePx: readonly [number, number] | null;
  readonly pixelNm: number | null;
  /** Taken off all positions, so that they are small; those of a file stay when it grows. */
  readonly centreNm: readonly [number, number];
  readonly camera: string | null;
}

function partsOf(text: string, fileName: string): readonly Json[] {
  try {
    const root: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return (Array.isArray(root) ? root : [root]).filter(isRecord);
  } catch (cause) {
    throw new LamellaError(
      'bad-layout',
      `${fileName} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {
        hint: 'Give the metadata file that the microscope wrote; it may still be growing, or have been cut short.',
        fields: { file: fileName },
        cause,
      },
    );
  }
}

function tileOf(image: unknown, i: number, region: Region, warnings: Warning[]): TemcaTile | null {
  const path = isRecord(image) ? textOf(image['img_path']) : null;
  const meta = isRecord(image) && isRecord(image['img_meta']) ? image['img_meta'] : {};
  const stageNm = pairOf(meta['stage_pos']);
  const size = numberOf(meta['pixel_size']) ?? region.pixelNm;
  const pixelNm = pairOf([meta['pixel_size_x_move'] ?? size, meta['pixel_size_y_move'] ?? size]);
  if (!isRecord(image) || path === null || !stageNm || !pixelNm || pixelNm.some((nm) => nm <= 0)) {
    const missing = path === null ? 'no img_path' : !stageNm ? 'no stage_pos' : 'no pixel size';
    warnings.push({
      subject: path ?? `image ${i + 1}`,
      message: `Image ${i + 1} (${path ?? 'unnamed'}) has ${missing}; it is left out.`,
    });
    return null;
  }
  const angleDeg = numberOf(meta['angle']) ?? 0;
  const raster = pairOf(meta['raster_pos']);
  const [x, y] = pixelsOf(stageNm, region.centreNm, pixelNm, angleDeg);
  const stageFromTile: Affine = [1, 0, 0, 1, x, y];
  const tileId = `${(path.split(/[\\/]/).at(-1) ?? path).replace(/\.[^.]+$/, '')}.${region.section.toFixed(1)}`;
  const placed = { tileId, path, meta, raster, stageNm, angleDeg, stageFromTile };
  return {
    tileId,
    image: path,
    raster,
    index: numberOf(meta['raster_index']),
    stageNm,
    angleDeg,
    pixelNm,
    stageFromTile,
    spec: specOf(placed, image, region),
  };
}

function pixelsOf([stageX, stageY]: Pair, [centreX, centreY]: Pair, [sizeX, sizeY]: Pair, angleDeg: number): Pair {
  const [x, y] = [(stageX - centreX) / sizeX, (stageY - centreY) / sizeY];
  const [cos, sin] = turn(angleDeg);
  return [x * cos + y * sin, y * cos - x * sin];
}

/** Exact for quarter turns, which is what cameras are mounted at. */
function turn(angleDeg: number): Pair {
  const quarter = (((angleDeg / 90) % 4) + 4) % 4;
  const exact: readonly Pair[] = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ];
  const radians = (angleDeg * Math.PI) / 180;
  return exact[quarter] ?? [Math.cos(radians), Math.sin(radians)];
}

type Pair = readonly [number, number];
type Placed = Pick<TemcaTile, 'tileId' | 'raster' | 'stageNm' | 'angleDeg' | 'stageFromTile'> & {
  readonly path: string;
  readonly meta: Json;
};

function specOf(
  { tileId, path, meta, raster, stageNm, angleDeg, stageFromTile }: Placed,
  image: Json,
  { roi, section, sizePx, pixelNm, camera }: Region,
): TileSpec {
  const time = timeOf(path);
  return {
    tileId,
    z: section,
    ...(sizePx && { width: sizePx[0], height: sizePx[1] }),
    layout: {
      sectionId: section.toFixed(1),
      ...present({
        temca: textOf(roi['temca_id']),
        camera,
        imageCol: raster?.[0] ?? null,
        imageRow: raster?.[1] ?? null,
      }),
      stageX: stageNm[0],
      stageY: stageNm[1],
      rotation: angleDeg,
      ...present({ pixelsize: pixelNm }),
    },
    mipmapLevels: { 0: { imageUrl: path } },
    transforms: {
      type: 'list',
      specList: [
        { type: 'leaf', className: 'mpicbg.trakem2.transform.AffineModel2D', dataString: stageFromTile.join(' ') },
      ],
    },
    acquisition: present({
      time,
      index: numberOf(meta['raster_index']),
      focusScore: numberOf(image['focus_score']),
      astigmatismScore: numberOf(image['astig_score']),
      astigmatismAngle: numberOf(image['astig_angle']),
      mean: numberOf(image['mean']),
    }),
  };
}

/** File names begin with the moment of the picture: 2017 08 29 13 02 24 998. */
function timeOf(path: string): string | null {
  const found = /(?:^|[\\/])(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})_/.exec(path);
  return found ? `${found[1]}-${found[2]}-${found[3]}T${found[4]}:${found[5]}:${found[6]}.${found[7]}` : null;
}

/** The number of the grid, which counts the sections. */
function sectionOf(roi: Json): number {
  const grid = Number(textOf(roi['grid']) ?? Number.NaN);
  return Number.isFinite(grid) && Math.abs(grid) < 1e9 ? grid : 0;
}

function pixelNmOf(roi: Json): number | null {
  const calibration = isRecord(roi['calibration']) ? roi['calibration'] : {};
  const highmag = isRecord(calibration['highmag']) ? calibration['highmag'] : {};
  return numberOf(highmag['x_nm_per_pix']) ?? numberOf(highmag['nm_per_pix']);
}

const present = (fields: Readonly<Record<string, unknown>>): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

function pairOf(value: unknown): Pair | null {
  const [a, b] = Array.isArray(value) ? [numberOf(value[0]), numberOf(value[1])] : [null, null];
  return a === null || b === null ? null : [a, b];
}

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const noTiles = (file: string, why: string): LamellaError =>
  new LamellaError('bad-layout', `${file} names no tiles. ${why}`, {
    hint: 'Give the metadata file that a TEMCA wrote beside its images.',
    fields: { file },
  });
