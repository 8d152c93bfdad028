import type { Region } from '../../preload/contract/atlas.ts';

/** The regions of an atlas, in the order of its tree: each before those inside of it. Pure. */
export type Regions = readonly Region[];

/** The regions that a region is inside of, the outermost first, and itself at the end. */
export function pathOf(regions: Regions, at: number): Regions {
  const path: Region[] = [];
  for (let now = regions[at]; now; now = now.parent === null ? undefined : regions[now.parent]) path.unshift(now);
  return path;
}

/** Those in sight where the regions of `open` are unfolded. */
export function rowsInSight(regions: Regions, open: ReadonlySet<number>): Regions {
  const rows: Region[] = [];
  for (let at = 0; ;) {
    const region = regions[at];
    if (!region) return rows;
    rows.push(region);
    at = open.has(at) ? at + 1 : region.end;
  }
}

export const isLeaf = ({ at, end }: Pick<Region, 'at' | 'end'>): boolean => end === at + 1;

/** What has to be open for a region to be in sight. */
export const openedTo = (regions: Regions, at: number): readonly number[] =>
  pathOf(regions, at)
    .slice(0, -1)
    .map((region) => region.at);

/** What an atlas is first shown with: unfolded down to where the tree first branches. */
export function openAtFirst(regions: Regions): ReadonlySet<number> {
  const open = new Set<number>();
  for (let region = regions[0]; region && !isLeaf(region); region = regions[region.at + 1]) {
    open.add(region.at);
    if (region.end !== regions[region.at + 1]?.end) break;
  }
  return open;
}

/** The labels of a region and of all inside of it that the annotation has. */
export const labelsWithin = (regions: Regions, { at, end }: Region): readonly string[] =>
  regions
    .slice(at, end)
    .filter(({ voxels }) => voxels > 0)
    .map(({ id }) => id);

/** `VISp, Primary visual area`; the name alone where its acronym says the same. */
export const regionWords = ({ acronym, name }: Region): string =>
  acronym === '' || acronym === name ? name || acronym : `${acronym}, ${name}`;

/** The way to a region by acronyms, itself left out: `root › grey › CTX`. */
export const pathText = (regions: Regions, at: number): string =>
  pathOf(regions, at)
    .slice(0, -1)
    .map(({ acronym, name }) => acronym || name)
    .join(' › ');
