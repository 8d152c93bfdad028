import type { Placement } from '../../../../preload/contract/registration.ts';
import { type Affine, affineSchema } from '../../../../preload/contract/space.ts';
import type { Steps } from '../../formats/steps.ts';
import { placementOf, type PlacementRow, sharedTransformsOf } from '../../stacks/stack-rows.ts';
import { numbersOfMatch, type SolveProblem } from '../../stacks/solve-problems.ts';
import { numbersOfPoint, type StoredLinks } from '../../stacks/stored-links.ts';
import { Lenses, placeAfterLens, placeBehind, throughLens, type TileLens } from '../../stacks/tile-lens.ts';
import type { ReadHandle } from '../../store/library-store.ts';

/** A tile of a stack version on its way into the solve. */
export interface SolveTile {
  readonly id: number;
  readonly section: number;
  readonly sizePx: readonly [number, number];
  readonly stage: Affine;
  readonly placed: Placement;
  /** What bends its picture before it is placed: it stays, and the solve places the picture without that bend. */
  readonly lens: TileLens | null;
}

/** Sections that links join, and so are solved together; one section each where no link leaves its own. */
export interface SolveGroup extends SolveProblem {
  readonly of: readonly SolveTile[];
  /** The stored links in it, by their numbers, in the order of the matches. */
  readonly links: Uint32Array;
}

/** Moved by hand: held as firmly as by a match of 0.3 px, where the stage is usually trusted to 10. */
const placedByHand = 1000;

interface SolveTileRow extends PlacementRow {
  readonly section: number;
  readonly width: number;
  readonly height: number;
  readonly stage: string;
}

const rowsAtOnce = 256;

/** The tiles of a version, section by section. */
export function* solveTileSteps(read: ReadHandle, stack: string): Steps<readonly SolveTile[]> {
  const tiles: SolveTile[] = [];
  const lenses = new Lenses(sharedTransformsOf(read, stack));
  for (; ; yield) {
    const rows = read.all<SolveTileRow>(
      `SELECT p.tile, p.stack_from_tile, p.transforms, p.rms_px, p.placed_by, p.fixed, t.section, t.width_px AS width,
         t.height_px AS height, t.stage_from_tile AS stage
       FROM placement p JOIN tile t ON t.id = p.tile WHERE p.stack = ? AND p.tile > ? ORDER BY p.tile LIMIT ?`,
      ...[stack, tiles.at(-1)?.id ?? -1, rowsAtOnce],
    );
    for (const row of rows) {
      const { tile: id, section, width, height } = row;
      const [sizePx, placed] = [[width, height] as const, placementOf(row)];
      const lens = lenses.of(placed.transforms, sizePx);
      tiles.push({ id, section, sizePx, stage: affineSchema.parse(JSON.parse(row.stage)), placed, lens });
    }
    if (rows.length < rowsAtOnce) return tiles.toSorted((a, b) => a.section - b.section);
  }
}

/** Priors are the stage's places; those of tiles that the user moved or pinned are where the user put them. */
export function* groupSteps(tiles: readonly SolveTile[], links: StoredLinks): Steps<readonly SolveGroup[]> {
  const groupOfSection = joined(new Set(tiles.map(({ section }) => section)), links);
  const tilesOf = new Map<number, SolveTile[]>();
  for (const tile of tiles) listIn(tilesOf, groupOfSection.get(tile.section) ?? tile.section).push(tile);
  const linksOf = new Map<number, number[]>();
  for (let link = 0; link < links.count; link++) {
    const section = links.sectionA[link] ?? 0;
    listIn(linksOf, groupOfSection.get(section) ?? section).push(link);
  }
  const groups: SolveGroup[] = [];
  for (const [group, members] of tilesOf)
    groups.push(yield* groupOf(members, Uint32Array.from(linksOf.get(group) ?? []), links));
  return groups;
}

function* groupOf(tiles: readonly SolveTile[], members: Uint32Array, links: StoredLinks): Steps<SolveGroup> {
  const [first, last] = [tiles[0]?.section ?? 0, tiles.at(-1)?.section ?? 0];
  const isHeld = ({ placed }: SolveTile): boolean => placed.fixed === true || placed.placedBy === 'user';
  const priors = new Float64Array(tiles.length * 6);
  const sizes = new Float64Array(tiles.length * 2);
  tiles.forEach((tile, i) => {
    const { lens, placed, stage } = tile;
    priors.set(isHeld(tile) ? placeAfterLens(lens, placed) : placeBehind(lens, stage), i * 6);
    sizes.set(tile.sizePx, i * 2);
  });
  yield;
  const holds = Float64Array.from(tiles, ({ placed }) =>
    placed.fixed === true ? Infinity : placed.placedBy === 'user' ? placedByHand : 1,
  );
  const places = new Map(tiles.map(({ id }, i) => [id, i]));
  yield;
  const used = members.filter((link) => isBetween(places, links, link));
  yield;
  return {
    subject: first === last ? `section ${first}` : `sections ${first} to ${last}`,
    of: tiles,
    links: used,
    tiles: tiles.length,
    priors,
    sizes,
    matches: yield* matchesOf(tiles, places, used, links),
    ...(tiles.some(isHeld) && { holds }),
  };
}

type Places = ReadonlyMap<number, number>;

/** Links may be to tiles that the stack does not place. */
const isBetween = (places: Places, links: StoredLinks, link: number): boolean =>
  places.has(links.tileA[link] ?? -1) && places.has(links.tileB[link] ?? -1);

/** Points of tiles with a lens are those that it leads them to. */
function* matchesOf(
  tiles: readonly SolveTile[],
  places: Places,
  members: Uint32Array,
  links: StoredLinks,
): Steps<Float64Array> {
  const count = members.reduce((sum, link) => sum + pointsOf(links, link), 0);
  // Shared with the worker, so that a hundred megabytes need not be copied for it.
  const matches = new Float64Array(new SharedArrayBuffer(count * numbersOfMatch * Float64Array.BYTES_PER_ELEMENT));
  let at = 0;
  for (const [i, link] of members.entries()) {
    if (i % 256 === 255) yield;
    const [a, b] = [places.get(links.tileA[link] ?? -1) ?? -1, places.get(links.tileB[link] ?? -1) ?? -1];
    const [lensA, lensB] = [tiles[a]?.lens ?? null, tiles[b]?.lens ?? null];
    const first = links.start[link] ?? 0;
    for (let point = first; point < first + pointsOf(links, link); point++) {
      const from = point * numbersOfPoint;
      matches[at] = a;
      matches[at + 1] = b;
      matches.set(links.points.subarray(from, from + numbersOfPoint), at + 2);
      if (lensA) matches.set(throughLens(lensA, matches[at + 2]!, matches[at + 3]!), at + 2);
      if (lensB) matches.set(throughLens(lensB, matches[at + 4]!, matches[at + 5]!), at + 4);
      matches[at + 7] = link;
      at += numbersOfMatch;
    }
  }
  return matches;
}

export const pointsOf = ({ start }: StoredLinks, link: number): number => (start[link + 1] ?? 0) - (start[link] ?? 0);

/** The first section of all that links join with a section, by section. */
function joined(sections: ReadonlySet<number>, links: StoredLinks): ReadonlyMap<number, number> {
  const parent = new Map([...sections].map((section) => [section, section]));
  const root = (section: number): number => {
    let at = section;
    while ((parent.get(at) ?? at) !== at) at = parent.get(at) ?? at;
    parent.set(section, at);
    return at;
  };
  for (let link = 0; link < links.count; link++) {
    const [a, b] = [root(links.sectionA[link] ?? 0), root(links.sectionB[link] ?? 0)];
    if (a !== b) parent.set(Math.max(a, b), Math.min(a, b));
  }
  return new Map([...sections].map((section) => [section, root(section)]));
}

function listIn<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
