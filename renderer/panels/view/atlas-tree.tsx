import { useMemo } from 'react';
import type { Dispatch, KeyboardEvent, ReactNode, SetStateAction } from 'react';
import type { Region } from '../../../preload/contract/atlas.ts';
import { layersOfAtlas, type KnownAtlas } from '../../state/atlases.ts';
import { goToRegion } from '../../state/region-jump.ts';
import { toggleMesh } from '../../state/region-meshes.ts';
import { drawnOf, showBranchAlone, shownOf, toggleBranch } from '../../state/region-looks.ts';
import { isLeaf, rowsInSight } from '../../state/region-tree.ts';
import { useView } from '../../state/view.ts';
import { useVirtualRows } from '../../ui/virtual-rows.ts';
import { RegionRow } from './region-row.tsx';

const rowRem = 2;
const page = 10;
const keyOf = ({ at }: Region): number => at;

type Fold = (at: number, unfolds: boolean) => void;

/** What is unfolded, and the row that keys are for: kept while something else is listed. */
type Place = { readonly open: ReadonlySet<number>; readonly current: number };

interface AtlasTreeProps {
  readonly atlas: KnownAtlas;
  readonly place: readonly [Place, Dispatch<SetStateAction<Place>>];
}

/** All regions as a tree; only rows in sight are made, so that there may be tens of thousands. */
export function AtlasTree({ atlas, place: [{ open, current }, setPlace] }: AtlasTreeProps): ReactNode {
  const rows = useMemo(() => rowsInSight(atlas.tree, open), [atlas.tree, open]);
  // Where a search ends, at what it found.
  const { frame, virtual, inSight } = useVirtualRows(rows, keyOf, rowRem, (row) => row.at === current);
  const labels = useLabelsOf(atlas);
  const fold: Fold = (at, unfolds) =>
    setPlace((now) => ({
      ...now,
      open: new Set([...[...now.open].filter((one) => one !== at), ...(unfolds ? [at] : [])]),
    }));
  const setCurrent = (at: number): void => setPlace((now) => ({ ...now, current: at }));
  const choose = (at: number): void => {
    setCurrent(at);
    virtual.scrollToIndex(rows.findIndex((row) => row.at === at));
  };
  const press = (event: KeyboardEvent): void => {
    if (!pressed(event, { atlas, rows, open, current, fold, choose })) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={frame}
      className="atlas-tree"
      role="tree"
      tabIndex={0}
      aria-label={`Regions of ${atlas.name}`}
      aria-activedescendant={`region-${current}`}
      onKeyDown={press}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
        {inSight.map(({ row: region, key, place }) => (
          <div
            key={key}
            {...place}
            id={`region-${region.at}`}
            className="region-place"
            role="treeitem"
            aria-level={region.depth + 1}
            aria-selected={region.at === current}
            {...(!isLeaf(region) && { 'aria-expanded': open.has(region.at) })}
          >
            <RegionRow
              atlas={atlas}
              region={region}
              layer={labels.layer}
              shown={shownOf(atlas, region, labels.drawn)}
              open={isLeaf(region) ? null : open.has(region.at)}
              onFold={() => fold(region.at, !open.has(region.at))}
              onChoose={() => setCurrent(region.at)}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

/** The layer of the view that shows the labels of the atlas, the first of several, and which of them it draws. */
export function useLabelsOf(atlas: KnownAtlas) {
  const layers = useView((s) => s.layers);
  const volumes = useView((s) => s.volumes);
  const layer = layersOfAtlas(atlas, { layers, volumes })[0] ?? null;
  const drawn = useMemo(() => drawnOf(layer ?? undefined), [layer]);
  return { layer, drawn };
}

interface Pressed {
  readonly atlas: KnownAtlas;
  readonly rows: readonly Region[];
  readonly open: ReadonlySet<number>;
  readonly current: number;
  readonly fold: Fold;
  readonly choose: (at: number) => void;
}

/** The keys of a tree: arrows walk and fold, Enter goes there, Space shows and hides, Shift+Space shows alone, m in 3-D. */
function pressed({ key, shiftKey }: KeyboardEvent, { atlas, rows, open, current, fold, choose }: Pressed): boolean {
  const at = rows.findIndex((row) => row.at === current);
  const region = rows[at];
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }[key];
  if (by !== undefined) choose(rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.at ?? 0);
  else if (!region) return false;
  else if (key === 'Enter') goToRegion(atlas, region);
  else if (key === 'm') toggleMesh(atlas, region);
  else if (key === ' ') (shiftKey ? showBranchAlone : toggleBranch)(atlas, region);
  else if (key === 'ArrowRight' && open.has(current)) choose(current + 1);
  else if (key === 'ArrowRight' && !isLeaf(region)) fold(current, true);
  else if (key === 'ArrowLeft' && open.has(current) && !isLeaf(region)) fold(current, false);
  else if (key === 'ArrowLeft' && region.parent !== null) choose(region.parent);
  else return false;
  return true;
}
