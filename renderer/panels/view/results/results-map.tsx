import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useAtlases, type KnownAtlas } from '../../../state/atlases.ts';
import { facesOf } from '../../../state/flat-map/faces.ts';
import { useFlatMap } from '../../../state/flat-map/flat-maps.ts';
import type { RegionMap } from '../../../state/region-map.ts';
import type { OpenResult } from '../../../state/region-results.ts';
import { MapControls } from './map-controls.tsx';
import { MapFaces } from './map-faces.tsx';
import { useMapLooks } from './map-looks.ts';
import { MapTold } from './map-told.tsx';
import { ResultsWithin } from './results-within.tsx';

interface OfResult {
  readonly open: OpenResult;
}

/** The atlas from outside and cut, its regions in the colours of a measure. */
export function ResultsMap({ open }: OfResult): ReactNode {
  const atlas = useAtlases((s) => s.atlases.find(({ id }) => id === open.result.atlas));
  return (
    <div className="results-plot results-map">
      {atlas ? (
        <WithAtlas key={atlas.id} open={open} atlas={atlas} />
      ) : (
        <p className="muted">Its atlas is no longer in the library: there is nothing to draw it on.</p>
      )}
    </div>
  );
}

function WithAtlas({ open, atlas }: OfResult & { readonly atlas: KnownAtlas }): ReactNode {
  const { map, problem } = useFlatMap(atlas);
  if (problem !== '') return <p className="muted">The regions could not be read. {problem}</p>;
  return map ? <TheMap open={open} atlas={atlas} map={map} /> : <p className="muted">Reading the regions…</p>;
}

interface TheMapProps extends OfResult {
  readonly atlas: KnownAtlas;
  readonly map: RegionMap;
}

function TheMap({ open, atlas, map }: TheMapProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const faces = useMemo(() => facesOf(atlas.orientation), [atlas.orientation]);
  const looks = useMapLooks(open, atlas.tree, map.sides || map.midline ? open.sides : 'both');
  return (
    <>
      <div className="results-plot-head">
        <ResultsWithin open={open} />
        <MapControls open={open} atlas={atlas} looks={looks} frame={frame} />
      </div>
      <div className="map-frame" ref={frame}>
        <MapFaces open={open} map={map} faces={faces} looks={looks} hovered={hovered} onHover={setHovered} />
      </div>
      <MapTold open={open} looks={looks} hovered={hovered} />
    </>
  );
}
