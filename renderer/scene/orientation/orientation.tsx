import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { orbitAxes } from '../../state/orbit.ts';
import { lookAlong } from '../../state/view-moves.ts';
import { cameraOf, useView } from '../../state/view.ts';
import type { Axis } from '../../state/volume-geometry.ts';
import { axisNames } from '../../state/volume-geometry.ts';
import { useCanvasRun } from '../stage/canvas-run.ts';
import type { AxesCanvas } from './axes-canvas.ts';
import { addAxes } from './axes-canvas.ts';
import type { ScreenAxes } from './axes-messages.ts';
import './orientation.css';

const sidePx = 84;
/** Names stand a little beyond the tips. */
const reachPx = 33;

/** Which way the data lies in the 3-D pane; its letters turn the view to look along an axis. */
export function Orientation({ pane }: { readonly pane: string }): ReactNode {
  const orbit = useView((s) => cameraOf(s, pane).orbit);
  const run = useCanvasRun((s) => s.run);
  const screen = orbitAxes(orbit);
  return (
    <div className="orientation" style={{ width: sidePx, height: sidePx }} role="group" aria-label="Orientation">
      {useIsDrawn() && <Rods key={run} screen={screen} />}
      {([0, 1, 2] as const).map((axis) => (
        <AxisButton key={axis} pane={pane} axis={axis} {...screen} />
      ))}
    </div>
  );
}

/** The axes themselves, which need three: they come once the first picture is whole. */
function Rods({ screen }: { readonly screen: ScreenAxes }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const axes = useRef<AxesCanvas | null>(null);
  useEffect(() => {
    if (!frame.current) return;
    const added = addAxes(frame.current, sidePx);
    axes.current = added;
    return () => added.remove();
  }, []);
  useEffect(() => axes.current?.turn(screen));
  return <div ref={frame} className="orientation-rods" />;
}

/** Whether all that is in view has come once. */
function useIsDrawn(): boolean {
  const isDrawn = useView((s) => s.stats?.inFlight === 0);
  const [was, setWas] = useState(isDrawn);
  if (isDrawn && !was) setWas(true);
  return was;
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
