import { File, FolderOpen, LoaderCircle, Spline } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { frameOf } from '../../state/field-preview.ts';
import type { FieldFrame } from '../../state/field-preview.ts';
import { addressProblem, refusedServer, shortName } from '../../state/source.ts';
import { useView } from '../../state/view.ts';
import type { FieldDraft } from '../../state/warp-draft.ts';
import {
  allowFieldServer,
  changeField,
  chooseField,
  dropField,
  fieldTrouble,
  largestShiftNm,
  lookAtField,
  lookAtFieldAddress,
  useFieldDraft,
  warpByField,
} from '../../state/warp-draft.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Facts } from '../../ui/facts.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { formatExtent, formatLength, formatSize } from '../../ui/format.ts';
import './landmarks.css';

/** A displacement field is chosen and looked at, before a layer is drawn through it. */
export function FieldDialog(): ReactNode {
  const draft = useFieldDraft((s) => s.draft);
  const name = useView((s) => s.layers.find(({ id }) => id === draft?.layer)?.name ?? '');
  if (!draft) return null;
  const trouble = fieldTrouble(draft);
  return (
    <Dialog title={`Warp ${name} by a displacement field`} onClose={dropField}>
      <form
        className="dialog-content stack"
        onSubmit={(event) => {
          event.preventDefault();
          void warpByField();
        }}
      >
        <Choose />
        {draft.problem && <Problem draft={draft} />}
        {draft.source && !draft.description && !draft.problem && (
          <p className="row muted" role="status">
            <LoaderCircle size={16} className="spin" aria-hidden /> Looking at what it holds…
          </p>
        )}
        {draft.description && <Preview draft={draft} trouble={trouble} />}
        {draft.description && <Meaning draft={draft} />}
        <div className="export-end">
          <span className="hint">The data stays as it is; the warped volume is kept in the library.</span>
          <Button type="submit" tone="primary" icon={Spline} whyNot={draft.making ? 'It is being made' : trouble}>
            Warp
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Choose(): ReactNode {
  const [address, setAddress] = useState('');
  const problem = address.trim() === '' ? null : addressProblem(address);
  return (
    <div className="field-source">
      <Button icon={File} onClick={() => void chooseField('file')}>
        File…
      </Button>
      <Button icon={FolderOpen} onClick={() => void chooseField('folder')}>
        Folder…
      </Button>
      <TextField
        label="or an address"
        placeholder="https://, s3://, gs://"
        inputMode="url"
        value={address}
        problem={problem}
        onText={setAddress}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          if (address.trim() !== '' && problem === null) lookAtFieldAddress(address);
        }}
      />
    </div>
  );
}

function Problem({ draft }: { readonly draft: FieldDraft }): ReactNode {
  const { problem, source, allowPrivate } = draft;
  if (!problem) return null;
  const server = refusedServer(draft);
  return (
    <ErrorNote message={problem.message} hint={problem.hint}>
      {server !== null && (
        <Button size="small" onClick={() => void allowFieldServer()}>
          Allow {server}…
        </Button>
      )}
      {source && (
        <Button size="small" onClick={() => void lookAtField(source, allowPrivate)}>
          Try again
        </Button>
      )}
    </ErrorNote>
  );
}

function Preview({ draft, trouble }: { readonly draft: FieldDraft; readonly trouble: string | null }): ReactNode {
  const { description, frame } = draft;
  const [level] = description?.levels ?? [];
  if (!description || !level) return null;
  const isPhysical = frameOf(description, frame) === 'physical';
  return (
    <>
      <Facts
        facts={[
          { name: 'Field', value: shortName(description.name), about: description.source },
          { name: 'Format', value: description.formatLabel },
          { name: 'Size', value: formatSize(level.size, 'voxels') },
          { name: 'Voxel', value: formatExtent(level.voxelSizeNm) },
          { name: 'Space', value: isPhysical ? 'scanner’s, millimetres' : 'volume’s, nanometres' },
          { name: 'Moves', value: movesText(draft) },
        ]}
      />
      {trouble !== null && (
        <ErrorNote message={trouble} hint="Choose another file, or the component image of all three." />
      )}
    </>
  );
}

function movesText(draft: FieldDraft): string {
  if (draft.holds === 'position') return 'its vectors are places';
  const nm = largestShiftNm(draft);
  if (nm === null) return draft.description?.channels.length === 3 ? 'Measuring…' : '–';
  return `by up to ${formatLength(nm)}${draft.longest?.isAll ? '' : ', in its middle'}`;
}

const held = [
  { value: 'displacement', label: 'How far each point moves' },
  { value: 'position', label: 'Where each point comes from' },
] as const;
const frames: ReadonlyArray<{ readonly value: FieldFrame; readonly label: string }> = [
  { value: 'auto', label: 'As its format has it' },
  { value: 'physical', label: 'The scanner’s space, mm (ITK, ANTs)' },
  { value: 'volume', label: 'The volume’s own nanometres' },
];
const grids = [
  { value: 'source', label: 'Where the layer lies' },
  { value: 'field', label: 'Where the field lies' },
  { value: 'around', label: 'Around all of the warped layer' },
] as const;

/** What the numbers of a field mean: what files do not say. */
function Meaning({ draft }: { readonly draft: FieldDraft }): ReactNode {
  const { holds, frame, grid, inverse } = draft;
  return (
    <>
      <div className="two">
        <SelectField label="It holds" value={holds} options={held} onValue={(value) => changeField({ holds: value })} />
        <SelectField label="Space" value={frame} options={frames} onValue={(value) => changeField({ frame: value })} />
      </div>
      <SelectField
        label="Draw the result"
        value={grid}
        options={grids}
        onValue={(value) => changeField({ grid: value })}
      />
      <label className="check">
        <input type="checkbox" checked={inverse} onChange={() => changeField({ inverse: !inverse })} />
        The other way round: it leads from the layer to the result
      </label>
    </>
  );
}
