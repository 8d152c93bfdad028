import { createHash } from 'node:crypto';
import { tasks, type TaskInput } from '../../../../native-workers/tasks.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { Correction } from '../../stacks/intensity-rows.ts';
import { comparedBySection, type ComparedPair, meanStep } from './compare.ts';
import { Corrections } from './corrections.ts';
import { floatsOf, packed } from './floats.ts';
import type { LitTile } from './lit-tiles.ts';

/** Nodes of the grids along each side of a tile, and cells that the solve has there at most. */
const [nodes, cellsPerTile] = [9, 128];
/** Cells of a section. */
const mostCells = 2 ** 22;
/** A correction reaches over so many tiles. */
const reachTiles = 8;

/**
 * Evens out the steps that are left along the seams of each section. A section whose files cannot be read is left as it
 * is, and so is one whose overlaps say that this would do harm: where next to nothing is left to even out.
 */
export async function evenSeams(
  job: JobRun,
  sections: ReadonlyMap<number, readonly LitTile[]>,
  compared: readonly ComparedPair[],
  corrections: Corrections,
): Promise<void> {
  const work = [...sections].filter(([, tiles]) => tiles.length > 1);
  const found = await job.stage<string | null>({
    name: 'Evening out seams',
    unit: 'sections',
    units: work.map(([section, tiles]) => seamUnit(job, section, tiles, corrections)),
    weight: 4,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'not-found', 'over-budget', 'worker-died')) throw error;
      return null;
    },
  });
  const ofSection = comparedBySection(compared);
  work.forEach(([section, tiles], i) => {
    const offsets = floatsOf(found[i] ?? '');
    if (offsets.length !== tiles.length * nodes * nodes) return;
    const evened = new Corrections(corrections);
    tiles.forEach(({ id }, k) => evened.follow(id, offsetsOf(offsets, k)));
    const pairs = ofSection.get(section) ?? [];
    if (meanStep(pairs, evened) > meanStep(pairs, corrections)) return;
    for (const { id } of tiles) corrections.set(id, evened.of(id));
  });
}

function offsetsOf(offsets: Float32Array, tile: number): Correction {
  const count = nodes * nodes;
  const offset = offsets.slice(tile * count, (tile + 1) * count);
  return { columns: nodes, rows: nodes, gain: new Float32Array(count).fill(1), offset };
}

function seamUnit(
  job: JobRun,
  section: number,
  tiles: readonly LitTile[],
  corrections: Corrections,
): Unit<string | null> {
  const values: number[] = [];
  const placed = tiles.map(({ id, image, stackFromTile }) => {
    const { columns, rows, gain, offset } = corrections.of(id);
    values.push(...gain, ...offset);
    return { image, stackFromTile, grid: [columns, rows] as const };
  });
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  const header: TaskInput<'even-seams'> = { tiles: placed, ...spacing(tiles), columns: nodes, rows: nodes };
  const { tiles: _tiles, ...rest } = header;
  const about = tiles.map(({ stamp, image: { scale, sizePx }, stackFromTile }) => [
    stamp,
    scale,
    sizePx,
    stackFromTile,
  ]);
  const digest = createHash('sha256').update(bytes).update(JSON.stringify(about)).digest('hex');
  return {
    key: unitKey('even-seams', tasks['even-seams'].version, rest, digest),
    subject: `section ${section}`,
    run: async (signal) =>
      packed((await job.kernels.run('even-seams', header, { inputs: [bytes], signal })).outputs[0]),
  };
}

/** Cells fine enough for a tile, and few enough for a section. */
function spacing(tiles: readonly LitTile[]): { readonly stepPx: number; readonly reachPx: number } {
  const sides = tiles.map(({ bounds }) => Math.min(bounds.maxX - bounds.minX, bounds.maxY - bounds.minY));
  const side = Math.min(...sides);
  const span = (from: 'minX' | 'minY', to: 'maxX' | 'maxY'): number =>
    tiles.reduce((most, { bounds }) => Math.max(most, bounds[to]), -Infinity) -
    tiles.reduce((least, { bounds }) => Math.min(least, bounds[from]), Infinity);
  const area = span('minX', 'maxX') * span('minY', 'maxY');
  return { stepPx: Math.max(1, side / cellsPerTile, Math.sqrt(area / mostCells)), reachPx: reachTiles * side };
}
