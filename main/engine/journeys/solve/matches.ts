import { createHash, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { type CanvasMatches, formatCanvasMatches, canvasMatchSteps } from '../../formats/canvas-matches.ts';
import { sectionIdOf } from '../../formats/render-fields.ts';
import type { Steps } from '../../formats/steps.ts';
import { inTurns } from '../../jobs/in-turns.ts';
import { layStack, showStack } from '../../stacks/lay-stack.ts';
import {
  beforeLens,
  type LensesOfTiles,
  lensesOfLayout,
  lensesOfStack,
  placedBehind,
  throughLens,
  type TileLens,
} from '../../stacks/tile-lens.ts';
import { type NewLink, type NewStack, stackRow } from '../../stacks/stack-rows.ts';
import { numbersOfPoint, type StoredLinks, storedLinkSteps } from '../../stacks/stored-links.ts';
import { specsOf } from '../../stacks/placed-tiles.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { refuseToOverwrite } from '../../store/output-file.ts';
import { datasetRow, type StoredTile, tilesOf, tileSteps } from '../../store/tiles.ts';
import { writeFileDurably } from '../../targets/folder.ts';

/** A list of matches larger than this is refused before it is read. */
const maxFileBytes = 1 << 29;

/** Keeps the matches of a file as the links of a new stack version, whose tiles lie where the stage put them. */
export async function importMatches(
  library: LibraryStore,
  dataset: string,
  file: string,
  signal: AbortSignal,
): Promise<{ readonly stack: string; readonly links: number; readonly points: number; readonly unknown: number }> {
  const { name, job } = datasetRow(library.read, dataset);
  const tiles = await inTurns(tileSteps(library.read, dataset), signal);
  const all = await inTurns(canvasMatchSteps(await textOf(file), basename(file)), signal);
  const { lensOf, shared } = lensesOfLayout(library.read, dataset, tiles);
  const named = new Map(tiles.map((tile) => [tile.name, tile]));
  const { links, unknown } = await inTurns(linkSteps(all, named, lensOf), signal);
  if (links.length === 0) throw noneKnown(file, all.length, name);
  const said = unknown > 0 ? [`${unknown} of ${all.length} entries name tiles that ${name} does not have`] : [];
  const stack: NewStack = {
    id: idOfJob('stack', randomUUID()),
    ...{ dataset, job, links, madeBy: 'import', model: 'imported' },
    parameters: { matches: basename(file) },
    placed: tiles.map(({ id: tile, stageFromTile }) => ({
      ...{ tile, rmsPx: 0, placedBy: 'stage' },
      ...placedBehind(lensOf.get(tile) ?? null, stageFromTile),
    })),
    sharedTransforms: shared,
    quality: {
      ...{ links: links.length, dropped: 0, rmsPx: 0, maxPx: 0 },
      verdict: 'warn',
      reasons: ['tiles lie where the stage put them: solve this version', ...said],
    },
  };
  await layStack({ library, signal }, stack);
  library.edit(`Import point matches of ${name}`, (tx) => showStack(tx, stack.id));
  const points = links.reduce((sum, link) => sum + link.points, 0);
  return { stack: stack.id, links: links.length, points, unknown };
}

async function textOf(file: string): Promise<string> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() === true && stat.size <= maxFileBytes) return readFile(file, 'utf8');
  const why = stat?.isFile() === true ? `it has ${stat.size} bytes, over ${maxFileBytes}` : 'there is no such file';
  throw new LamellaError('bad-source', `${basename(file)} cannot be read: ${why}.`, {
    hint: 'Name a JSON file of point matches; split a larger one.',
    fields: { file: basename(file) },
  });
}

/**
 * One link a pair of tiles: entries of the same pair are put together. Other programs match pictures that their lens has
 * straightened (Render's `normalizeForMatching`); points of links are pixels of the tile as it is.
 */
function* linkSteps(
  all: readonly CanvasMatches[],
  tileOf: ReadonlyMap<string, StoredTile>,
  lensOf: LensesOfTiles['lensOf'],
): Steps<{ readonly links: readonly NewLink[]; readonly unknown: number }> {
  const links = new Map<string, NewLink>();
  let unknown = 0;
  for (const [i, { pId, qId, matches }] of all.entries()) {
    if (i % 64 === 63) yield;
    const [p, q] = [tileOf.get(pId), tileOf.get(qId)];
    if (!p || !q || p.id === q.id) {
      unknown += 1;
      continue;
    }
    const isAscending = p.id < q.id;
    const [a, b] = isAscending ? [p, q] : [q, p];
    const [sideA, sideB] = isAscending ? [matches.p, matches.q] : [matches.q, matches.p];
    const pointOf = ({ id }: StoredTile, side: typeof sideA, k: number): readonly [number, number] =>
      beforeLens(lensOf.get(id) ?? null, side[0][k] ?? NaN, side[1][k] ?? NaN);
    const points = matches.w
      .map((weight, k) => ({ a: pointOf(a, sideA, k), b: pointOf(b, sideB, k), weight }))
      .filter((point) => [...point.a, ...point.b].every(Number.isFinite));
    const key = `${a.id}-${b.id}`;
    const together = [...(links.get(key)?.matches ?? []), ...points];
    links.set(key, linkOf(a, b, together));
  }
  return { links: [...links.values()].filter(({ points }) => points > 0), unknown };
}

const linkOf = (a: StoredTile, b: StoredTile, matches: readonly unknown[]): NewLink => ({
  tileA: a.id,
  tileB: b.id,
  section: a.section,
  ...(b.section !== a.section && { sectionB: b.section }),
  ncc: 1,
  peakRatio: 1,
  points: matches.length,
  residualPx: 0,
  state: 'kept',
  reason: '',
  matches,
});

const noneKnown = (file: string, entries: number, dataset: string): LamellaError =>
  new LamellaError('bad-source', `None of the ${entries} entries of ${basename(file)} joins two tiles of ${dataset}.`, {
    hint: "pId and qId are to be the names of tiles, as `tile.list` shows them; Render's tileId is the name of its tiles.",
    fields: { file: basename(file), entries },
  });

/** Writes the kept links of a stack version, whole or not at all; points as their lens leads them, as others keep them. */
export async function exportMatches(
  library: LibraryStore,
  stack: string,
  out: string,
  signal: AbortSignal,
): Promise<{ readonly file: string; readonly links: number; readonly points: number; readonly sha256: string }> {
  const { dataset } = stackRow(library.read, stack);
  refuseToOverwrite(library, out, '.json');
  const specs = specsOf(library.read, dataset);
  const all = tilesOf(library.read, dataset);
  const { lensOf } = lensesOfStack(library.read, stack, all);
  const tiles = new Map(
    all.map(({ id, name, section }) => {
      const spec = specs.get(id);
      const group = spec ? sectionIdOf(spec) : String(section);
      return [id, { id: name, group, lens: lensOf.get(id) ?? null }];
    }),
  );
  const links = await inTurns(storedLinkSteps(library.read, stack, 'kept'), signal);
  const matches = Array.from({ length: links.count }, (_, link) => canvasMatchesOf(links, link, tiles));
  const bytes = new TextEncoder().encode(formatCanvasMatches(matches));
  await writeFileDurably(out, [bytes]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { file: out, links: links.count, points: links.points.length / numbersOfPoint, sha256 };
}

/** A tile as Render's matches name it: by its group, which is its section's name, and its id. */
interface Canvas {
  readonly id: string;
  readonly group: string;
  readonly lens: TileLens | null;
}

function canvasMatchesOf(links: StoredLinks, link: number, tiles: ReadonlyMap<number, Canvas>): CanvasMatches {
  const [p, q] = [tiles.get(links.tileA[link] ?? -1), tiles.get(links.tileB[link] ?? -1)];
  const from = (links.start[link] ?? 0) * numbersOfPoint;
  const table = links.points.subarray(from, (links.start[link + 1] ?? 0) * numbersOfPoint);
  const column = (k: number): number[] => [...table.filter((_, i) => i % numbersOfPoint === k)];
  const side = (canvas: Canvas | undefined, x: number): [number[], number[]] => {
    const ys = column(x + 1);
    const led = column(x).map((at, i) => throughLens(canvas?.lens ?? null, at, ys[i] ?? NaN));
    return [led.map((point) => point[0]), led.map((point) => point[1])];
  };
  // What sections that lie apart count less is the solver's affair, also of the program that reads this.
  const apart = Math.abs((links.sectionB[link] ?? 0) - (links.sectionA[link] ?? 0)) + 1;
  return {
    pGroupId: p?.group ?? '',
    pId: p?.id ?? '',
    qGroupId: q?.group ?? '',
    qId: q?.id ?? '',
    matches: { p: side(p, 0), q: side(q, 2), w: column(4).map((weight) => weight * apart) },
  };
}
