import { Contrast, Grid2x2 } from 'lucide-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Vec3 } from '../../../preload/contract/space.ts';
import {
  crossingUm,
  type PlaneLook,
  type PlanePicture as Picture,
  pairKey,
  retryPlanes,
  setInverted,
  setPlaneLook,
  setPlaneMix,
  setPlaneTile,
  usePlanes,
} from '../../state/register/planes.ts';
import { useRegister } from '../../state/register/register.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { remPx } from '../../ui/rem.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { useSize } from '../../ui/use-size.ts';
import { mostLogOf } from './draw-plane.ts';
import { PlaneLegend } from './plane-legend.tsx';
import { PlanePicture } from './plane-picture.tsx';
import './planes.css';

interface LookOption {
  readonly value: PlaneLook;
  readonly label: string;
  readonly title: string;
}

const plainLooks: readonly LookOption[] = [
  { value: 'checker', label: 'Checkerboard', title: 'Squares of the fixed volume and of the moving one' },
  { value: 'blend', label: 'Blend', title: 'Slide from the fixed volume to the moving one' },
  { value: 'colours', label: 'Colours', title: 'The fixed volume in teal, the moving one in pink; alike is white' },
];
const gridLook: LookOption = {
  value: 'grid',
  label: 'Grid',
  title: 'The moving volume, and how a straight grid is bent',
};
const jacobianLook: LookOption = {
  value: 'jacobian',
  label: 'Jacobian',
  title: 'Where the moving tissue is larger or smaller',
};

/** What these pictures can be looked at by. */
const looksOf = (pictures: readonly Picture[]): readonly LookOption[] => [
  ...plainLooks,
  ...(pictures.some(({ bends }) => bends) ? [gridLook] : []),
  ...(pictures.some(({ bends }) => bends?.log) ? [jacobianLook] : []),
];

const percent = (part: number): string => `${Math.round(100 * part)} %`;

/** The two volumes over each other on three planes; `aside` stands in the free corner. */
export function PlanesView({ aside }: { readonly aside?: ReactNode }): ReactNode {
  const { pictures, of, problem } = usePlanes();
  const chosen = useRegister((s) => s.fixed !== null && s.moving !== null);
  const pair = useRegister(pairKey);
  const shown = of === pair ? pictures : null;
  if (!chosen)
    return (
      <Empty icon={Grid2x2} title="Two volumes are needed">
        Choose what stays and what is laid over it in the first step.
      </Empty>
    );
  return (
    <div className="reg-view">
      <LookBar options={looksOf(shown ?? [])} />
      {problem && of === pair ? (
        <div className="pad">
          <ErrorNote message={problem.message} hint={problem.hint}>
            <Button size="small" onClick={retryPlanes}>
              Try again
            </Button>
          </ErrorNote>
        </div>
      ) : shown ? (
        <CrossedPlanes pictures={shown} aside={aside} />
      ) : (
        <p className="muted pad" role="status">
          Reading both volumes…
        </p>
      )}
    </div>
  );
}

function LookBar({ options }: { readonly options: readonly LookOption[] }): ReactNode {
  const { look, tilePx, mix, inverted, reading } = usePlanes();
  const shown = options.some(({ value }) => value === look) ? look : 'checker';
  return (
    <div className="compare-bar reg-bar">
      <Segmented label="How they are compared" value={shown} options={options} onValue={setPlaneLook} />
      {shown === 'checker' && (
        <LabelledSlider
          label="Squares"
          value={tilePx}
          min={4}
          max={96}
          step={4}
          text={(px) => `${px} px`}
          onValue={setPlaneTile}
        />
      )}
      {shown === 'blend' && (
        <LabelledSlider
          label="Moving volume"
          value={mix}
          min={0}
          max={1}
          step={0.01}
          text={percent}
          onValue={setPlaneMix}
        />
      )}
      <Button size="small" tone="quiet" icon={Contrast} aria-pressed={inverted} onClick={() => setInverted(!inverted)}>
        Swap light and dark
      </Button>
      <span className="faint reg-reading" role="status">
        {reading ? 'Reading…' : ''}
      </span>
    </div>
  );
}

/** The planes of a job that is under way, with what it says of itself in the free corner. */
export function LivePlanes({
  pictures,
  aside,
}: {
  readonly pictures: readonly Picture[];
  readonly aside: ReactNode;
}): ReactNode {
  return (
    <div className="reg-view">
      <LookBar options={looksOf(pictures)} />
      <Planes pictures={pictures} crossUm={null} aside={aside} />
    </div>
  );
}

function CrossedPlanes({
  pictures,
  aside,
}: {
  readonly pictures: readonly Picture[];
  readonly aside: ReactNode;
}): ReactNode {
  const at = usePlanes((s) => s.at);
  const crossUm = useMemo(() => (at || pictures ? crossingUm() : null), [at, pictures]);
  return <Planes pictures={pictures} crossUm={crossUm} aside={aside} />;
}

const [gapPx, captionRem] = [12, 1.9];

interface PlanesProps {
  readonly pictures: readonly Picture[];
  readonly crossUm: Vec3 | null;
  readonly aside: ReactNode;
}

const extentOf = ({ width, height, spacingUm }: Picture): readonly [number, number] => [
  width * spacingUm[0],
  height * spacingUm[1],
];

/** XY over XZ, and YZ beside that: planes that share an axis lie in line. */
function Planes({ pictures, crossUm, aside }: PlanesProps): ReactNode {
  const [place, { width, height }] = useSize();
  const { look, tilePx, mix, inverted } = usePlanes();
  const mostLog = useMemo(() => mostLogOf(pictures), [pictures]);
  const [xy, xz, yz] = pictures;
  if (!xy || !xz || !yz) return null;
  const captionPx = captionRem * remPx();
  const [wide, high] = [extentOf(xy)[0] + extentOf(yz)[0], extentOf(xy)[1] + extentOf(xz)[1]];
  const pxPerUm = Math.max(1e-9, Math.min((width - gapPx - 16) / wide, (height - gapPx - 2 * captionPx) / high));
  const shownLook = looksOf(pictures).some(({ value }) => value === look) ? look : 'checker';
  const sizeOf = (u: number, v: number) => ({ width: Math.floor(u * pxPerUm), height: Math.floor(v * pxPerUm) });
  const style = { look: shownLook, tilePx, mix, inverted };
  const sized = (picture: Picture) => ({ picture, style, mostLog, crossUm, ...sizeOf(...extentOf(picture)) });
  return (
    <div className="reg-place" ref={place}>
      {width > 0 && (
        <div className="reg-planes">
          <PlanePicture {...sized(xy)} />
          <div className="reg-aside" style={sizeOf(extentOf(yz)[0], extentOf(xy)[1])}>
            {shownLook !== 'jacobian' && aside}
            <PlaneLegend look={shownLook} mostLog={mostLog} names={!aside || shownLook !== 'grid'} />
          </div>
          <PlanePicture {...sized(xz)} />
          <PlanePicture {...sized(yz)} />
        </div>
      )}
    </div>
  );
}
