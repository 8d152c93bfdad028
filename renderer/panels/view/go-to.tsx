import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { setOverlay } from '../../state/actions/everywhere.ts';
import { parsePlace } from '../../state/place-text.ts';
import { jump } from '../../state/places.ts';
import { moveTo } from '../../state/view-moves.ts';
import { useView } from '../../state/view.ts';
import { worldOfVoxel } from '../../state/voxel-in-view.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';

/** Goes to a position that is typed or pasted. */
export function GoTo(): ReactNode {
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const place = parsePlace(text, (voxel) => worldOfVoxel(useView.getState(), voxel));
  const problem = 'problem' in place ? place.problem : null;
  const close = (): void => setOverlay(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if ('problem' in place) return;
    jump(() => moveTo(place.positionNm));
    close();
  };
  return (
    <Dialog title="Go to position" onClose={close}>
      <form className="dialog-content go-to" onSubmit={submit}>
        <TextField
          label="Position"
          value={text}
          placeholder="12400 860 60 nm"
          hint="x y z in nm, µm, mm or voxels; without a unit it is nm. What is outside goes to the nearest place inside."
          problem={tried ? problem : null}
          onText={setText}
        />
        <div className="row">
          <Button type="submit" tone="primary" whyNot={text.trim() === '' ? 'Write a position first' : null}>
            Go there
          </Button>
          <Button onClick={close}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
