import type { ReactNode } from 'react';
import { keyOf, sidesIn } from '../../../state/flat-map/tiles.ts';
import { goToRegionAt } from '../../../state/region-jump.ts';
import { changeResult, type OpenResult } from '../../../state/region-results.ts';
import { isLeaf } from '../../../state/region-tree.ts';
import { Button } from '../../../ui/button.tsx';
import type { MapLooks, TileLooks } from './map-looks.ts';

interface MapToldProps {
  readonly open: OpenResult;
  readonly looks: MapLooks;
  readonly hovered: number | null;
}

/** The region under the pointer, or the one that is selected, with its numbers. */
export function MapTold({ open, looks, hovered }: MapToldProps): ReactNode {
  const { sides, looksOf } = looks;
  const { selected } = open;
  const ofSelected = selected === null ? [] : sidesIn(sides).map((side) => keyOf(selected, side));
  const told = (hovered === null ? ofSelected : [hovered]).flatMap((key) => looksOf(key) ?? []);
  const region = hovered === null && told[0]?.region;
  return (
    <div className="map-told" role="group" aria-label="Region on the map">
      {told[0] ? <Told told={told} /> : <span className="faint">Point at a region, or walk there by arrow keys</span>}
      {sides !== open.sides && <span className="faint">The atlas does not tell left from right: both together</span>}
      {region && (
        <span className="map-told-tools">
          <Button tone="link" onClick={() => goToRegionAt(open.result.atlas, region.at)}>
            Go to it
          </Button>
          {!isLeaf(region) && (
            <Button tone="link" onClick={() => changeResult({ within: region.at })}>
              Inside of it
            </Button>
          )}
        </span>
      )}
    </div>
  );
}

function Told({ told }: { readonly told: readonly TileLooks[] }): ReactNode {
  const [first] = told;
  if (!first) return null;
  const { acronym, name } = first.region;
  return (
    <span className="map-told-region">
      <b>{acronym}</b>
      {name !== acronym && <span className="truncate">{name}</span>}
      {!first.whole && <span className="faint">beside the regions inside of it</span>}
      {told.map(({ side, value, colour }) => (
        <span key={side} className="map-told-value">
          {colour !== null && <span className="swatch" style={{ background: colour }} aria-hidden />}
          {side !== null && <span className="faint">{side}</span>}
          <span className="mono">{value}</span>
        </span>
      ))}
    </span>
  );
}
