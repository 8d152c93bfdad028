import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { lengthUnits, nmIn, parseLength, writeLength } from '../../state/place-text.ts';
import { jump } from '../../state/places.ts';
import { setSession, useSession } from '../../state/session.ts';
import { usePlaceUnit } from '../../state/place-unit.ts';
import { isUnsized } from '../../state/unsized.ts';
import { moveTo } from '../../state/view-moves.ts';
import type { ViewState } from '../../state/view.ts';
import { boundsInView, cameraOf, useView } from '../../state/view.ts';
import type { Axis } from '../../state/volume-geometry.ts';
import { axisNames, map3 } from '../../state/volume-geometry.ts';
import { isVoxelThere, voxelInView, voxelStepNm } from '../../state/voxel-in-view.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';

const units = [
  { value: 'auto', label: 'The unit that fits' },
  ...lengthUnits.map((value) => ({ value, label: value })),
] as const;

/** The voxel of the layer that tools work on; null where it has none. */
function voxelWords(s: ViewState): string | null {
  const voxel = voxelInView(s, s.positionNm);
  if (!voxel) return null;
  return isVoxelThere(s, voxel) ? `voxel ${voxel.join(', ')}` : 'outside the volume';
}

/** Where the cross-hair is; typing goes there. */
export function Position(): ReactNode {
  const voxel = useView(voxelWords);
  const nothing = useView((s) => boundsInView(s) === null);
  const unsized = useView(isUnsized);
  const chosen = useSession((s) => s.lengthUnit);
  if (nothing) return null;
  return (
    <Section title="Position" aside={voxel && <span className="faint mono">{voxel}</span>}>
      <div className="three">
        {([0, 1, 2] as const).map((axis) => (
          <Coordinate key={axis} axis={axis} />
        ))}
      </div>
      {unsized ? (
        <p className="hint">
          Nobody says how large these voxels are. Add the volume with its voxel size to measure it.
        </p>
      ) : (
        <div className="beside">
          <SelectField
            label="Shown in"
            value={chosen}
            options={units}
            onValue={(lengthUnit) => setSession({ lengthUnit })}
          />
        </div>
      )}
    </Section>
  );
}

/** One coordinate: a number in the unit that is shown, or any number with a unit. */
function Coordinate({ axis }: { readonly axis: Axis }): ReactNode {
  const unit = usePlaceUnit();
  const nm = useView((s) => s.positionNm[axis]);
  const nmPerPx = useView((s) => cameraOf(s, s.activePane).nmPerPx);
  const [draft, setDraft] = useState<string | null>(null);
  const typed = draft === null ? nm : parseLength(draft, unit);
  const keep = (): void => {
    if (draft !== null && typed !== null) jump(() => put(axis, typed));
    setDraft(null);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') keep();
    else if (event.key === 'Escape') setDraft(null);
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      put(axis, nm + (event.key === 'ArrowUp' ? 1 : -1) * stepNm(axis));
    }
  };
  const written = writeLength(nm, unit, nmPerPx);
  return (
    <TextField
      label={`${axisNames[axis]}, ${unit}`}
      className="input mono"
      value={draft ?? written}
      title={
        unit === 'voxels' ? `${written} voxels` : `${written} ${unit}. A number with nm, µm or mm can be typed too.`
      }
      problem={typed === null ? (unit === 'voxels' ? 'A number of voxels' : 'A number, and nm, µm or mm') : null}
      onText={setDraft}
      onBlur={keep}
      onKeyDown={press}
    />
  );
}

function put(axis: Axis, nm: number): void {
  const { positionNm } = useView.getState();
  moveTo(map3((a) => (a === axis ? nm : positionNm[a])));
}

/** A voxel, of what has voxels. */
const stepNm = (axis: Axis): number =>
  voxelStepNm(
    useView.getState(),
    map3((a) => (a === axis ? 1 : 0)),
  ) ?? nmIn.µm;
