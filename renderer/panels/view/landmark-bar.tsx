import { LoaderCircle, Spline, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { endLandmarks, toggleBefore } from '../../state/landmark-tool.ts';
import { isDrawnWarped, useLandmarks } from '../../state/landmarks.ts';
import { useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Keys } from '../../ui/keys.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import './landmarks.css';

/** What the landmark tool waits for, over the panes while it is taken. */
export function LandmarkBar(): ReactNode {
  const alignment = useLandmarks((s) => (s.active ? s.alignment : null));
  const begun = useLandmarks((s) => s.begun !== null);
  const name = useView((s) => s.layers.find(({ id }) => id === alignment?.layer)?.name);
  if (!alignment || name === undefined) return null;
  return (
    <div className="bar tool-bar landmark-bar" role="toolbar" aria-label="Landmark tool">
      <Spline size={16} aria-hidden />
      <span className="bar-words" role="status">
        {begun ? (
          <>
            Now click where that point belongs. <span className="faint">Esc drops it.</span>
          </>
        ) : (
          <>
            Click a point of <b>{name}</b>, then where it belongs.
          </>
        )}
      </span>
      <Drawing />
      {alignment.warp !== null && <BeforeAfter />}
      <Button size="small" icon={X} onClick={endLandmarks}>
        Done <Keys keys="Escape" />
      </Button>
    </div>
  );
}

const sides = [
  { value: 'before', label: 'Before', title: 'As the layer lay before (B)' },
  { value: 'after', label: 'After', title: 'Through its landmarks (B)' },
] as const;

/** Draws the layer as it lay before, or through its landmarks. */
export function BeforeAfter(): ReactNode {
  const alignment = useLandmarks((s) => s.alignment);
  // Which of them is drawn is what the layers say.
  useView((s) => s.layers);
  if (!alignment) return null;
  return (
    <Segmented
      label="The layer before and after"
      value={isDrawnWarped(alignment) ? 'after' : 'before'}
      options={sides}
      onValue={(side) => (side === 'after') !== isDrawnWarped(alignment) && toggleBefore()}
    />
  );
}

/** That the picture is not yet what the pairs say. It keeps its place when it is not: the panes must not move for it. */
function Drawing(): ReactNode {
  const saving = useLandmarks((s) => s.saving > 0);
  const drawing = useView((s) => s.stats?.state === 'drawing');
  const inFlight = useView((s) => s.stats?.inFlight ?? 0);
  const isBusy = saving || drawing;
  const words = inFlight > 0 ? `Drawing it anew: ${inFlight} bricks to come` : 'Drawing it anew';
  return (
    <span className={`landmark-drawing ${isBusy ? '' : 'idle'}`} role="status" title={words}>
      <LoaderCircle size={16} className="spin" aria-hidden />
      <span className="visually-hidden">{isBusy ? 'Drawing it anew' : ''}</span>
    </span>
  );
}
