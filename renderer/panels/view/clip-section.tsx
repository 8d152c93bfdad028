import { FlipHorizontal2, Slice } from 'lucide-react';
import type { ReactNode } from 'react';
import { clearClip, cutAtCrossHair, flipCut, isClipped, setBoxSide, setClip, shareOfSide } from '../../state/clip.ts';
import { boundsInView, useView } from '../../state/view.ts';
import type { Axis, Box3 } from '../../state/volume-geometry.ts';
import { axisNames } from '../../state/volume-geometry.ts';
import { Button } from '../../ui/button.tsx';
import { formatPercent } from '../../ui/format.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Section } from '../../ui/section.tsx';

/** Cuts 3-D panes open: to a box, and along a plane through the cross-hair. Slices are never clipped. */
export function ClipSection(): ReactNode {
  const clip = useView((s) => s.clip);
  const has3d = useView((s) => s.panes.some(({ kind }) => kind === '3d'));
  // What is shown changes with the layers, and with what is known of them.
  useView((s) => s.layers);
  useView((s) => s.shapes);
  const bounds = boundsInView(useView.getState());
  if (!has3d || !bounds) return null;
  return (
    <Section
      title="Clip in 3-D"
      folds
      startsFolded={!isClipped(clip)}
      aside={
        isClipped(clip) && (
          <Button size="small" tone="quiet" onClick={clearClip}>
            Show all
          </Button>
        )
      }
    >
      <div className="row">
        <Button size="small" icon={Slice} onClick={cutAtCrossHair}>
          Cut at the cross-hair
        </Button>
        <Button
          size="small"
          icon={FlipHorizontal2}
          whyNot={clip.plane ? null : 'There is no cut to turn round'}
          onClick={flipCut}
        >
          Other half
        </Button>
      </div>
      {clip.plane && (
        <Button size="small" tone="quiet" onClick={() => setClip({ plane: null })}>
          Take the cut away
        </Button>
      )}
      {([0, 1, 2] as const).map((axis) => (
        <BoxSides key={axis} axis={axis} box={clip.box} bounds={bounds} />
      ))}
      <p className="faint">What lies outside is not drawn in 3-D panes; slices show all.</p>
    </Section>
  );
}

interface BoxSidesProps {
  readonly axis: Axis;
  readonly box: Box3 | null;
  readonly bounds: Box3;
}

function BoxSides({ axis, box, bounds }: BoxSidesProps): ReactNode {
  return (['min', 'max'] as const).map((side) => (
    <LabelledSlider
      key={side}
      label={`${axisNames[axis]} ${side === 'min' ? 'from' : 'to'}`}
      value={shareOfSide(bounds, box, axis, side)}
      min={0}
      max={1}
      step={0.005}
      text={formatPercent}
      onValue={(share) => setBoxSide(axis, side, share)}
    />
  ));
}
