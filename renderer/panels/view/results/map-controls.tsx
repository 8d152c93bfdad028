import { Image } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import type { KnownAtlas } from '../../../state/atlases.ts';
import { exportMap } from '../../../state/flat-map/export.ts';
import { changeMapLook, useMapLook } from '../../../state/flat-map/look.ts';
import { measureTitle } from '../../../state/region-numbers.ts';
import type { OpenResult } from '../../../state/region-results.ts';
import { Button } from '../../../ui/button.tsx';
import { plural } from '../../../ui/format.ts';
import { LabelledSlider } from '../../../ui/labelled-slider.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { svgOfMap } from './map-export.ts';
import type { MapLooks } from './map-looks.ts';

const shown = [
  { value: 'outside', label: 'Outside', title: 'From above, from both sides and from the front' },
  { value: 'cuts', label: 'Cuts', title: 'Coronal, sagittal and horizontal' },
] as const;

interface MapControlsProps {
  readonly open: OpenResult;
  readonly atlas: KnownAtlas;
  readonly looks: MapLooks;
  readonly frame: RefObject<HTMLDivElement | null>;
}

/** What the map shows, how deep it goes into the tree, and its picture as a file. */
export function MapControls({
  open,
  atlas,
  looks: { cut, depths, regions, sides },
  frame,
}: MapControlsProps): ReactNode {
  const shows = useMapLook((s) => s.shows);
  const save = (): void => {
    if (!frame.current) return;
    const of = sides === 'both' ? '' : sides === 'compare' ? ', left and right' : `, ${sides}`;
    const title = `${open.result.name}: ${measureTitle(open.measure)} by region${of}`;
    const provenance = `On ${atlas.name}, ${plural(regions.length, 'region')} at depth ${cut.depth} of the tree.`;
    void exportMap(open.result.name, svgOfMap(frame.current, { title, provenance }));
  };
  return (
    <div className="map-controls">
      {depths.most > depths.least && (
        <LabelledSlider
          label="Depth"
          value={cut.depth}
          min={depths.least}
          max={depths.most}
          step={1}
          text={(depth) => `${depth}: ${plural(regions.length, 'region')}`}
          onValue={(depth) => changeMapLook({ depth })}
        />
      )}
      <Segmented label="Seen" value={shows} options={shown} onValue={(value) => changeMapLook({ shows: value })} />
      <Button size="small" icon={Image} title="The map as SVG, for talks and papers" onClick={save}>
        Picture
      </Button>
    </div>
  );
}
