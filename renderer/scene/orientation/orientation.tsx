import { Component, lazy, Suspense } from 'react';
import type { ReactNode } from 'react';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { orbitAxes } from '../../state/orbit.ts';
import { lookAlong } from '../../state/view-moves.ts';
import { cameraOf, useView } from '../../state/view.ts';
import type { Axis } from '../../state/volume-geometry.ts';
import { axisNames } from '../../state/volume-geometry.ts';
import './orientation.css';

/** Loaded with the first 3-D pane: the window opens without three on its own thread. */
const Axes = lazy(async () => ({ default: (await import('./axes.tsx')).Axes }));

const sidePx = 84;
/** Names stand a little beyond the tips. */
const reachPx = 33;

/** Which way the data lies in the 3-D pane; its letters turn the view to look along an axis. */
export function Orientation({ pane }: { readonly pane: string }): ReactNode {
  const orbit = useView((s) => cameraOf(s, pane).orbit);
  const screen = orbitAxes(orbit);
  return (
    <div className="orientation" style={{ width: sidePx, height: sidePx }} role="group" aria-label="Orientation">
      <WithoutGraphics>
        <Suspense fallback={null}>
          <Axes {...screen} />
        </Suspense>
      </WithoutGraphics>
      {([0, 1, 2] as const).map((axis) => (
        <AxisButton key={axis} pane={pane} axis={axis} {...screen} />
      ))}
    </div>
  );
}

interface AxisButtonProps {
  readonly pane: string;
  readonly axis: Axis;
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
}

function AxisButton({ pane, axis, right, down, forward }: AxisButtonProps): ReactNode {
  const place = { left: sidePx / 2 + right[axis] * reachPx, top: sidePx / 2 + down[axis] * reachPx };
  return (
    <button
      type="button"
      className={`axis-name axis-${axisNames[axis]} ${forward[axis] > 0.2 ? 'behind' : ''}`}
      style={place}
      aria-label={`Look along ${axisNames[axis]}`}
      onClick={() => lookAlong(pane, axis)}
    >
      {axisNames[axis]}
    </button>
  );
}

/** Where no second context is to be had, the letters alone tell the orientation. */
class WithoutGraphics extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? null : this.props.children;
  }
}
