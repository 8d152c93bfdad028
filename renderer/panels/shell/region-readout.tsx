import type { ReactNode } from 'react';
import { useAtlases } from '../../state/atlases.ts';
import { mapFor, useRegionMaps } from '../../state/region-maps.ts';
import { firstOfEach, regionsUnder, type RegionReading } from '../../state/region-readings.ts';
import { pathOf, pathText } from '../../state/region-tree.ts';
import { useView } from '../../state/view.ts';

/** Atlases whose regions are told side by side; the others are in the title. */
const mostTold = 2;

/** The region under the pointer, or at the cross-hair where the pointer is over no picture: looked up in the window. */
export function RegionReadout(): ReactNode {
  const cursor = useView((s) => s.cursor);
  const layers = useView((s) => s.layers);
  const position = useView((s) => s.positionNm);
  const selected = useView((s) => s.selectedLayer);
  const atlases = useAtlases((s) => s.atlases);
  const maps = useRegionMaps();
  if (atlases.length === 0) return null;
  const s = { ...useView.getState(), layers, selectedLayer: selected };
  const readings = regionsUnder(
    s,
    atlases,
    (atlas, volume) => mapFor(maps, atlas, volume),
    cursor?.positionNm ?? position,
  );
  const told = firstOfEach(readings).slice(0, mostTold);
  return (
    <span
      className="regions"
      aria-label={cursor ? 'Region under the pointer' : 'Region at the cross-hair'}
      title={readings.map(line).join('\n')}
    >
      {told.map((one) => (
        <Told key={one.atlas.id} reading={one} names={told.length > 1} />
      ))}
      {told.length === 0 && <span className="region-none faint">no region</span>}
    </span>
  );
}

function Told({ reading, names }: { readonly reading: RegionReading; readonly names: boolean }): ReactNode {
  const { atlas, layer, region, side } = reading;
  const drawnIn = layer.type === 'segmentation' ? layer.colours[region.id] : undefined;
  const path = pathText(atlas.tree, region.at);
  return (
    <span className="region-told">
      <span className="mark-dot" style={{ background: drawnIn ?? region.colour }} aria-hidden />
      {names && <span className="value-name">{atlas.name}</span>}
      <span className="region-acronym">{region.acronym}</span>
      {region.name !== region.acronym && <span className="truncate">{region.name}</span>}
      {side && <span className="faint">{side}</span>}
      {path !== '' && <span className="region-path truncate faint">{path}</span>}
    </span>
  );
}

/** The whole way, by names. */
const line = ({ atlas, layer, region, side }: RegionReading): string => {
  const path = pathOf(atlas.tree, region.at).map(({ name, acronym }) => name || acronym);
  return `${layer.name}, ${atlas.name}: ${path.join(' › ')}${side ? `, ${side}` : ''}`;
};
