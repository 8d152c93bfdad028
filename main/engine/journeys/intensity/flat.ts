import { createHash } from 'node:crypto';
import { tasks } from '../../../../native-workers/tasks.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { Corrections } from './corrections.ts';
import { floatsOf, packed } from './floats.ts';
import type { LitTile } from './lit-tiles.ts';
import type { TileLight } from './read-light.ts';

const nodes = [17, 17] as const;
/** Fewer tiles of a camera say more of what they show than of the camera. */
export const leastTiles = 6;

interface Field {
  readonly gain: string;
  readonly offset: string;
  readonly nonUniformity: number;
  readonly uncertainty: number;
}

interface CameraGroup {
  readonly camera: string;
  readonly tiles: readonly LitTile[];
  readonly light: readonly TileLight[];
}

/** Estimates the flat field of each camera and corrects its tiles by it; of too few tiles none is told, with a warning. */
export async function correctFlatField(
  job: JobRun,
  tiles: readonly LitTile[],
  light: ReadonlyMap<number, TileLight>,
  corrections: Corrections,
  dark: boolean,
): Promise<void> {
  const groups = camerasOf(tiles, light).filter((group) => isEnough(job, group));
  const fields = await job.stage<Field>({
    name: 'Estimating the flat field',
    unit: 'cameras',
    units: groups.map((group) => fieldUnit(job, group, dark)),
  });
  groups.forEach((group, i) => {
    const field = fields[i];
    if (!field) return;
    const correction = {
      columns: nodes[0],
      rows: nodes[1],
      gain: floatsOf(field.gain),
      offset: floatsOf(field.offset),
    };
    for (const { id } of group.tiles) corrections.follow(id, correction);
    if (field.uncertainty > 0.01)
      job.warn({
        subject: named(group),
        message: `Its flat field is known to ${(100 * field.uncertainty).toFixed(1)} % only, from ${group.light.length} tiles.`,
      });
  });
}

/** Tiles of a camera and of one size: a flat field belongs to pixels. */
function camerasOf(tiles: readonly LitTile[], light: ReadonlyMap<number, TileLight>): readonly CameraGroup[] {
  const groups = new Map<string, { camera: string; tiles: LitTile[]; light: TileLight[] }>();
  for (const tile of tiles) {
    const key = JSON.stringify([tile.camera, tile.image.sizePx]);
    const group = groups.get(key) ?? { camera: tile.camera, tiles: [], light: [] };
    groups.set(key, group);
    group.tiles.push(tile);
    const own = light.get(tile.id);
    if (own && own.columns > 1 && own.rows > 1 && own.columns === (group.light[0] ?? own).columns)
      group.light.push(own);
  }
  return [...groups.values()];
}

const named = ({ camera }: CameraGroup): string => (camera === '' ? 'Camera' : `Camera ${camera}`);

function isEnough(job: JobRun, group: CameraGroup): boolean {
  if (group.light.length >= leastTiles) return true;
  job.warn({
    subject: named(group),
    message: `${group.light.length} tiles are too few to tell its flat field from what they show: it is left as it is.`,
  });
  return false;
}

function fieldUnit(job: JobRun, group: CameraGroup, dark: boolean): Unit<Field> {
  const { columns, rows } = group.light[0] ?? { columns: 0, rows: 0 };
  const inputs = (['means', 'medians'] as const).map((of) => {
    const cells = new Float32Array(group.light.length * columns * rows);
    group.light.forEach((light, i) => cells.set(light[of], i * columns * rows));
    return new Uint8Array(cells.buffer);
  });
  const content = inputs.reduce((hash, bytes) => hash.update(bytes), createHash('sha256')).digest('hex');
  const header = { tiles: group.light.length, columns, rows, dark, nodes };
  return {
    key: unitKey('flat-field', tasks['flat-field'].version, header, content),
    subject: named(group),
    run: async (signal) => {
      const { header: about, outputs } = await job.kernels.run('flat-field', header, { inputs, signal });
      const { nonUniformity, uncertainty } = about;
      return { gain: packed(outputs[0]), offset: packed(outputs[1]), nonUniformity, uncertainty };
    },
  };
}
