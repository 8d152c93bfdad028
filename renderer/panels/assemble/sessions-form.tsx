import type { ReactNode } from 'react';
import { useAlignment, setAlignOptions } from '../../state/section-alignment.ts';
import { useLibrary } from '../../state/library.ts';
import { chosenSessions, setFrame, takeSession, useRegistration } from '../../state/registration.ts';
import { useSession } from '../../state/session.ts';
import { SelectField } from '../../ui/field.tsx';
import { formatLength, plural } from '../../ui/format.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';

/** Which sessions of the same sections are brought to one frame, and whose places are kept. */
export function SessionsForm(): ReactNode {
  const datasets = useLibrary((s) => s.library?.datasets) ?? [];
  const own = useSession((s) => s.dataset);
  const { without, frame } = useRegistration();
  const model = useAlignment((s) => s.model);
  const chosen = chosenSessions().map(({ dataset }) => dataset);
  const shown = datasets.filter(({ id }) => chosen.includes(id));
  return (
    <>
      <p className="muted">
        The same sections, imaged again with other stains or by EM: each session is a dataset. All are matched with the
        one that is looked at.
      </p>
      <fieldset className="sessions">
        <legend>Sessions</legend>
        {datasets.map(({ id, name, sections, voxelSizeNm }) => (
          <label key={id} className="check explained">
            <input
              type="checkbox"
              checked={id === own || !without.has(id)}
              disabled={id === own}
              onChange={(event) => takeSession(id, event.target.checked)}
            />
            <span>
              {name}
              <span className="muted">
                {plural(sections, 'section')}, {formatLength(voxelSizeNm[0])} a pixel
                {id === own ? ', looked at' : ''}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      <SelectField
        label="Stays where it is"
        value={frame !== null && chosen.includes(frame) ? frame : (own ?? '')}
        options={shown.map(({ id, name }) => ({ value: id, label: name }))}
        onValue={setFrame}
      />
      <Segmented
        label="How sections may move"
        value={model}
        options={[
          { value: 'rigid', label: 'Rigid', title: 'Turned and moved' },
          { value: 'affine', label: 'Affine', title: 'Scaled and sheared too' },
          { value: 'elastic', label: 'Elastic', title: 'Bent as well' },
        ]}
        onValue={(value) => setAlignOptions({ model: value })}
      />
      <ActionButton id="sessions.align" tone="primary">
        Bring {plural(chosen.length, 'session')} together
      </ActionButton>
    </>
  );
}
