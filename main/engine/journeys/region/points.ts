import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { foundAt, merged, type RegionTally } from '../../atlases/region-tally.ts';
import { type CsvRow, csvRows } from '../../formats/csv.ts';
import type { OpenShapes } from '../../formats/shapes/shape-format.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { readWholeFile } from '../../sources/whole-file.ts';
import { annotationsOf } from '../../store/annotations.ts';
import type { MeasuredSpace } from './space.ts';
import { inRegions } from './voxels.ts';

/** Points that are led at once. */
const atOnce = 20_000;

/** Counts points (x, y, z in nanometres of the space, one after the other) by region and side. */
export async function countPoints(
  job: JobRun,
  space: MeasuredSpace,
  points: Float64Array,
  unit: 'points' | 'segments',
): Promise<readonly RegionTally[]> {
  const units = Array.from({ length: Math.ceil(points.length / 3 / atOnce) }, (_, i): Unit<readonly RegionTally[]> => {
    const [from, to] = [i * atOnce, Math.min((i + 1) * atOnce, points.length / 3)];
    return {
      key: unitKey('region-points', 1, job.id, i),
      subject: `${unit} ${from + 1} to ${to}`,
      run: async (signal) => {
        const { values, sides } = await space.atPoints(points.slice(3 * from, 3 * to), signal);
        const one = (value: number, at: number): RegionTally => foundAt(value, sideFrom(sides?.[at]));
        return merged(inRegions(Array.from(values, one)));
      },
    };
  });
  const counted = await job.stage({ name: `Counting ${unit}`, unit: 'parts', units, weight: 0.2 });
  return counted.flat();
}

const sideFrom = (mark = 0): number => (mark === 1 || mark === 2 ? mark : 0);

/** The points that are drawn in a volume; lines are told. */
export function pointsDrawn(job: JobRun, volume: string): Float64Array {
  const all = annotationsOf(job.library.read, volume);
  const points = all.filter(({ kind }) => kind === 'point');
  const lines = all.length - points.length;
  if (lines > 0)
    job.warn({ subject: 'annotations', message: `${lines} lines are not counted: they lie in no one place.` });
  return Float64Array.from(points.flatMap(({ pointsNm: [point] }) => point ?? []));
}

const mostBytes = 512 * 2 ** 20;

/** Columns x, y and z of a table with a header. Throws 'bad-source' that names the file and the line. */
export async function pointsOfTable(file: string, unitNm: number): Promise<Float64Array> {
  const name = basename(file);
  const refused = (why: string, hint: string): LamellaError =>
    new LamellaError('bad-source', `${name} ${why}.`, { hint, fields: { file } });
  const text = (await readWholeFile(file, mostBytes, 'a CSV or TSV with columns x, y and z')).toString('utf8');
  const rows = csvRows(text, /^[^\n]*\t/.test(text) ? '\t' : ',');
  const first: IteratorResult<CsvRow> = rows.next();
  const header = first.done ? [] : first.value.cells.map(nameOfColumn);
  const columns = ['x', 'y', 'z'].map((axis) => header.indexOf(axis));
  if (columns.includes(-1)) throw refused('has no columns x, y and z', 'Give its first line those names.');
  const points: number[] = [];
  for (const { line, cells } of rows)
    for (const column of columns) {
      const said = cells[column] ?? '';
      const value = said === '' ? NaN : Number(said) * unitNm;
      if (!Number.isFinite(value))
        throw refused(`has no number "${said}" in line ${line}`, 'Correct it, or leave it out.');
      points.push(value);
    }
  return Float64Array.from(points);
}

/** "Z (nm)", "z_um" and "z" are z. */
const nameOfColumn = (cell: string): string => cell.toLowerCase().replace(/[_ ]?\(?(nm|um|µm|mm|px)?\)?$/, '');

type Middle = readonly [number, number, number] | null;

/** The middle of the vertices or nodes of each shape of a set; what can't be read is told and left out. */
export async function middlesOfShapes(job: JobRun, shapes: OpenShapes, set: string): Promise<Float64Array> {
  const keys = await shapes.keys(job.signal);
  if (keys.length === 0)
    throw new LamellaError('invalid-input', `${shapes.facts.name} does not say which shapes it has.`, {
      hint: 'Count its segmentation instead, with {"segments": …}.',
      fields: { shapes: set },
    });
  const units = keys.map(({ key, name }): Unit<Middle> => ({
    key: unitKey('region-shape', 1, job.id, key),
    subject: name,
    run: (signal) => middleOf(shapes, key, signal),
  }));
  const middles = await job.stage({ name: 'Reading shapes', unit: 'shapes', units, onFailure: () => null });
  return Float64Array.from(middles.flatMap((middle) => middle ?? []));
}

async function middleOf(shapes: OpenShapes, key: string, signal: AbortSignal): Promise<Middle> {
  if (shapes.kind === 'skeleton') {
    const { nodes, bytes } = await shapes.skeleton(key, signal);
    return meanOf([{ count: nodes, bytes }]);
  }
  const { levels } = await shapes.manifest(key, signal);
  const level = levels.length - 1;
  const boxes = Array.from({ length: levels[level]?.bytes.length ?? 0 }, (_, box) => box);
  const parts: { count: number; bytes: Uint8Array }[] = [];
  for (const box of boxes) {
    const { vertices, bytes } = await shapes.mesh({ key, level, box }, signal);
    parts.push({ count: vertices, bytes });
  }
  return meanOf(parts);
}

/** `bytes`: begin with positions, float32 x y z. */
function meanOf(parts: readonly { readonly count: number; readonly bytes: Uint8Array }[]): Middle {
  const sum: [number, number, number] = [0, 0, 0];
  let all = 0;
  for (const { count, bytes } of parts) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < count; i++)
      for (const axis of [0, 1, 2] as const) sum[axis] += view.getFloat32(12 * i + 4 * axis, true);
    all += count;
  }
  return all === 0 ? null : [sum[0] / all, sum[1] / all, sum[2] / all];
}
