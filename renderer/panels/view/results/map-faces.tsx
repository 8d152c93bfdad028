import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Face, Faces } from '../../../state/flat-map/faces.ts';
import { useOutside } from '../../../state/flat-map/flat-maps.ts';
import { moveCut, sliceAt, useMapLook } from '../../../state/flat-map/look.ts';
import { cutAt, type Plane } from '../../../state/flat-map/plane.ts';
import { keysOf, ofKey } from '../../../state/flat-map/tiles.ts';
import { goToRegionAt } from '../../../state/region-jump.ts';
import type { RegionMap } from '../../../state/region-map.ts';
import { measureTitle } from '../../../state/region-numbers.ts';
import { selectRegion, type OpenResult } from '../../../state/region-results.ts';
import { formatLength } from '../../../ui/format.ts';
import { remPx } from '../../../ui/rem.ts';
import { Slider } from '../../../ui/slider.tsx';
import { useSize } from '../../../ui/use-size.ts';
import { MapLegend } from './map-legend.tsx';
import type { MapLooks } from './map-looks.ts';
import { MapPicture } from './map-picture.tsx';

interface MapFacesProps {
  readonly open: OpenResult;
  readonly map: RegionMap;
  readonly faces: Faces;
  readonly looks: MapLooks;
  readonly hovered: number | null;
  readonly onHover: (key: number | null) => void;
}

/** Between pictures, and the least height of the highest one, CSS pixels. */
const [gapPx, leastPx] = [20, 110];
/** Lines of text above and below a picture, and of the slider of a cut. */
const [textEm, sliderEm] = [2.6, 2.4];

/** All pictures to one scale, as large as there is room for, and the legend. */
export function MapFaces(props: MapFacesProps): ReactNode {
  const { open, map, faces, looks } = props;
  const [frame, { width, height }] = useSize();
  const shows = useMapLook((s) => s.shows);
  const outside = useOutside(map, faces.outside, looks.cut.branch);
  const em = 0.923 * remPx();
  const shown = faces[shows];
  const sliders = shows === 'cuts' ? sliderEm : 0;
  const pxPerNm = fittingPxPerNm(shown, map, width, height - sliders * em, em);
  return (
    <>
      <div ref={frame} className="map-faces">
        {width > 0 &&
          shown.map((face) =>
            shows === 'cuts' ? (
              <CutFace key={face.id} {...props} face={face} pxPerNm={pxPerNm} em={em} />
            ) : (
              <OneFace key={face.id} {...props} face={face} plane={outside.get(face.id)} pxPerNm={pxPerNm} em={em} />
            ),
          )}
      </div>
      <MapLegend
        title={measureTitle(open.measure)}
        range={looks.range}
        nmPerPx={1 / pxPerNm}
        hasNone={looks.hasNone}
        em={em}
      />
    </>
  );
}

/** The scale at which pictures side by side fit into a frame, CSS pixels; what is too small for an eye is scrolled. */
function fittingPxPerNm(
  faces: readonly Face[],
  { runs, voxelSizeNm }: RegionMap,
  width: number,
  height: number,
  em: number,
): number {
  const extentNm = ({ axis }: Face['right']): number => runs.size[axis] * voxelSizeNm[axis];
  const wideNm = faces.reduce((sum, { right }) => sum + extentNm(right), 0);
  const highNm = Math.max(...faces.map(({ down }) => extentNm(down)));
  // Parts of pixels add up: nothing is to scroll for them.
  const besides = faces.length * (2 * em + 1) + (faces.length - 1) * gapPx;
  return Math.max(leastPx / highNm, Math.min((width - besides) / wideNm, (height - textEm * em - 1) / highNm));
}

interface FaceProps extends MapFacesProps {
  readonly face: Face;
  readonly pxPerNm: number;
  readonly em: number;
}

/** A slice, and the slider that moves it. */
function CutFace(props: FaceProps): ReactNode {
  const { map, face, looks } = props;
  const { axis, back } = face.into;
  const n = map.runs.size[axis];
  const share = useMapLook((s) => s.cuts[face.id as keyof typeof s.cuts]);
  const slice = sliceAt(share, n);
  const { at, end } = looks.cut.branch;
  const plane = useMemo(
    () => cutAt(map.runs, face, { at, end }, back ? n - 1 - slice : slice),
    [map, face, at, end, back, n, slice],
  );
  const place = formatLength((slice + 0.5) * map.voxelSizeNm[axis]);
  return (
    <div className="map-cut">
      <OneFace {...props} plane={plane} place={place} onStep={(by) => moveCut(face.id, slice + by, n)} />
      <Slider
        label={`${face.title} cut`}
        value={slice}
        min={0}
        max={n - 1}
        valueText={place}
        onValue={(next) => moveCut(face.id, next, n)}
      />
    </div>
  );
}

interface OneFaceProps extends FaceProps {
  /** Undefined until it is worked out. */
  readonly plane: Plane | undefined;
  readonly place?: string;
  readonly onStep?: (by: number) => void;
}

function OneFace(props: OneFaceProps): ReactNode {
  const { open, map, face, plane, pxPerNm, em, looks, hovered, onHover, onStep, place = '' } = props;
  const { cut, sides, looksOf } = looks;
  const regions = useMemo(() => plane && keysOf(plane, face, map, cut, sides), [plane, face, map, cut, sides]);
  const tissue = useMemo(() => plane && { ...plane, keys: Uint32Array.from(plane.tissue) }, [plane]);
  const voxelPx = [face.right, face.down].map(({ axis }) => map.voxelSizeNm[axis] * pxPerNm) as [number, number];
  const lit = hovered === null ? null : ofKey(hovered).at;
  if (!regions || !tissue)
    return <div style={{ width: map.runs.size[face.right.axis] * voxelPx[0] + 2 * em }} aria-busy />;
  return (
    <MapPicture
      {...{ face, place, regions, tissue, looksOf, em, voxelPx, onHover, onStep }}
      markOf={(key) => {
        const { at } = ofKey(key);
        return at === open.selected ? 'selected' : at === lit ? 'hovered' : null;
      }}
      onSelect={(key) => selectRegion(ofKey(key).at)}
      onGo={(key) => goToRegionAt(open.result.atlas, ofKey(key).at)}
    />
  );
}
