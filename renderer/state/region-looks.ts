import { showAlso, updateLayer } from './layer-edits.ts';
import type { Region } from '../../preload/contract/atlas.ts';
import { layersOfAtlas, type KnownAtlas } from './atlases.ts';
import type { LabelLayer } from './labels.ts';
import { useLibrary } from './library.ts';
import { labelsWithin } from './region-tree.ts';
import { toast } from './toasts.ts';
import { useView } from './view.ts';

/** Which regions of an atlas are drawn, and in which colours, in all layers of the view that show its labels. */

/** Of the regions of a branch that have voxels: all of them are drawn, some, or none. */
export type Shown = 'all' | 'some' | 'none';

export function shownOf({ tree }: KnownAtlas, region: Region, drawn: ReadonlySet<string> | null): Shown {
  if (drawn === null) return 'all';
  const labels = labelsWithin(tree, region);
  const count = labels.filter((id) => drawn.has(id)).length;
  return count === 0 ? 'none' : count === labels.length ? 'all' : 'some';
}

/** The labels that a layer draws; null: all of them. */
export const drawnOf = (layer: LabelLayer | undefined): ReadonlySet<string> | null =>
  layer?.shows === 'selected' ? new Set(layer.selected) : null;

/** Changes every layer of the atlas alike. */
function change(atlas: KnownAtlas, made: (layer: LabelLayer) => Partial<LabelLayer>): void {
  for (const layer of layersOfAtlas(atlas, useView.getState())) updateLayer(layer.id, made(layer));
}

const everyLabel = ({ tree }: KnownAtlas): readonly string[] =>
  tree.filter(({ voxels }) => voxels > 0).map(({ id }) => id);

/** Shows a region and all inside of it, or hides them where all of them are drawn. */
export function toggleBranch(atlas: KnownAtlas, region: Region): void {
  const branch = new Set(labelsWithin(atlas.tree, region));
  const all = everyLabel(atlas);
  change(atlas, (layer) => {
    const drawn = drawnOf(layer) ?? new Set(all);
    const hides = shownOf(atlas, region, drawn) === 'all';
    const next = all.filter((id) => (branch.has(id) ? !hides : drawn.has(id)));
    return next.length === all.length ? everything : { shows: 'selected', selected: next };
  });
}

const everything: Pick<LabelLayer, 'shows' | 'selected'> = { shows: 'all', selected: [] };

/** Shows a region with all inside of it alone, or all regions again where it was alone. */
export function showBranchAlone(atlas: KnownAtlas, region: Region): void {
  const branch = labelsWithin(atlas.tree, region);
  const alone = (layer: LabelLayer): boolean => {
    const drawn = drawnOf(layer);
    return drawn?.size === branch.length && branch.every((id) => drawn.has(id));
  };
  change(atlas, (layer) => (alone(layer) ? everything : { shows: 'selected', selected: [...branch] }));
}

export const showAllRegions = (atlas: KnownAtlas): void => change(atlas, () => everything);

/** Gives a region and all inside of it one colour; null: those of the atlas. */
export function colourBranch(atlas: KnownAtlas, region: Region, colour: string | null): void {
  const given = Object.fromEntries(
    atlas.tree.slice(region.at, region.end).map((one) => [one.id, colour ?? one.colour] as const),
  );
  change(atlas, ({ colours }) => ({ colours: { ...colours, ...given } }));
}

/** Gives all regions the colours of the atlas. */
export function colourAsAtlas(atlas: KnownAtlas): void {
  const [root] = atlas.tree;
  if (!root) return;
  const whole = { ...root, at: 0, end: atlas.tree.length };
  colourBranch(atlas, whole, null);
}

/** Puts the annotation of an atlas over what is shown, in the colours of the atlas. */
export function showAnnotation(atlas: KnownAtlas): void {
  const volume = useLibrary.getState().library?.volumes.find(({ id }) => id === atlas.annotation);
  if (volume && showAlso(volume)) colourAsAtlas(atlas);
  else toast({ tone: 'warn', title: volume ? 'The view is full' : `The annotation of ${atlas.name} is not here` });
}
