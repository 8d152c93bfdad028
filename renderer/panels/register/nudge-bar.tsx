import type { ReactNode } from 'react';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { setNudge, useNudge } from '../../state/register/nudge.ts';
import { useRegister } from '../../state/register/register.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { NumberField } from '../../ui/field.tsx';
import { ActionButton } from '../action-button.tsx';
import { useIsNudged } from './plane-picture.tsx';

const axes = ['x', 'y', 'z'] as const;

/** The moving volume by numbers; drags and keys change the same. */
export function NudgeBar(): ReactNode {
  const { active, shiftUm, turnDeg, scale } = useNudge();
  const nudged = useIsNudged();
  const registered = useRegister((s) => s.selected !== null);
  if (!active) return null;
  const changed = (from: Vec3, axis: number, value: number): Vec3 => map3((i) => (i === axis ? value : from[i]));
  return (
    <div className="reg-nudge" role="toolbar" aria-label="Move the moving volume by hand">
      <p className="muted" role="status">
        Drag a plane, or use the arrow keys: one pixel, with Shift ten. <kbd>,</kbd> and <kbd>.</kbd> turn it in the
        plane that was used last.
      </p>
      <div className="reg-numbers">
        {axes.map((name, i) => (
          <NumberField
            key={`shift ${name}`}
            label={`Shift ${name}, µm`}
            value={shiftUm[i] ?? 0}
            onNumber={(um) => setNudge({ shiftUm: changed(shiftUm, i, um) })}
          />
        ))}
        {axes.map((name, i) => (
          <NumberField
            key={`turn ${name}`}
            label={`Turn about ${name}, °`}
            value={turnDeg[i] ?? 0}
            min={-360}
            max={360}
            onNumber={(degrees) => setNudge({ turnDeg: changed(turnDeg, i, degrees) })}
          />
        ))}
        <NumberField label="Scale" value={scale} min={0.05} max={20} onNumber={(by) => setNudge({ scale: by })} />
      </div>
      <div className="row">
        <ActionButton id="register.nudge.keep" size="small" tone={nudged ? 'primary' : 'plain'}>
          {registered ? 'Keep it here' : 'Begin from here'}
        </ActionButton>
        <ActionButton id="register.nudge.back" size="small">
          Put it back
        </ActionButton>
        <ActionButton id="register.nudge" size="small" tone="quiet">
          Done
        </ActionButton>
      </div>
    </div>
  );
}
