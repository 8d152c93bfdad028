import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Axis } from '../../state/volume-geometry.ts';
import { axisNames, map3 } from '../../state/volume-geometry.ts';
import { prepareImport } from '../../state/acquire.ts';
import { useJobs } from '../../state/jobs.ts';
import type { VolumeDraft } from '../../state/volume-draft.ts';
import { addVolume, allowServerOf, changeVolumeDraft, dropVolumeDraft, lookAgain } from '../../state/volume-draft.ts';
import { refusedServer, shortName } from '../../state/source.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { NumberField, SelectField, TextField } from '../../ui/field.tsx';
import { JobNumbers } from '../job-numbers.tsx';
import { Description } from './description.tsx';

/** What a source holds, before it is added. */
export function AddPanel({ draft }: { readonly draft: VolumeDraft }): ReactNode {
  const { source, description, problem } = draft;
  return (
    <div className="volume-page">
      <header className="volume-head">
        <div className="volume-words">
          <h1 className="truncate">{description ? shortName(description.name) : source.text}</h1>
          <p className="mono faint truncate" title={description?.source ?? source.text}>
            {description?.source ?? source.text}
          </p>
        </div>
        <Button tone="quiet" onClick={dropVolumeDraft}>
          Cancel
        </Button>
      </header>
      {problem && <Problem draft={draft} />}
      {!description && !problem && (
        <p className="row muted" role="status">
          <LoaderCircle size={16} className="spin" aria-hidden /> Looking at what it holds…
        </p>
      )}
      {description && <AddForm draft={draft} />}
      {description && <Description description={description} />}
    </div>
  );
}

function Problem({ draft }: { readonly draft: VolumeDraft }): ReactNode {
  const { problem, source } = draft;
  if (!problem) return null;
  const server = refusedServer(draft);
  return (
    <ErrorNote
      message={problem.message}
      hint={
        server === null ? problem.hint : 'It is a server of this computer or a private network: you are asked first.'
      }
    >
      {server !== null && (
        <Button size="small" onClick={() => void allowServerOf(draft)}>
          Allow {server}…
        </Button>
      )}
      <Button size="small" onClick={lookAgain}>
        Try again
      </Button>
      {source.kind === 'folder' && (
        <Button
          size="small"
          tone="quiet"
          onClick={() => {
            dropVolumeDraft();
            void prepareImport({ id: source.ref, name: source.text, kind: 'folder' });
          }}
        >
          Import it as tiles
        </Button>
      )}
    </ErrorNote>
  );
}

function AddForm({ draft }: { readonly draft: VolumeDraft }): ReactNode {
  const { description, name, kind, voxelSizeNm, pyramid, job } = draft;
  const running = useJobs((s) => (job === null ? undefined : s.jobs[job]));
  const put = (axis: Axis, nm: number): void =>
    changeVolumeDraft({ voxelSizeNm: map3((a) => (a === axis ? nm : voxelSizeNm[a])) });
  if (running && running.state !== 'failed' && running.state !== 'cancelled')
    return (
      <div className="add-form" role="status">
        <JobNumbers job={running} />
      </div>
    );
  return (
    <form
      className="add-form"
      aria-label="Add this volume"
      onSubmit={(event) => {
        event.preventDefault();
        void addVolume();
      }}
    >
      <TextField label="Name" value={name} maxLength={200} onText={(text) => changeVolumeDraft({ name: text })} />
      <SelectField
        label="Holds"
        value={kind}
        options={[
          { value: 'image', label: 'Grey values' },
          { value: 'segmentation', label: 'Labels' },
        ]}
        onValue={(next) => changeVolumeDraft({ kind: next })}
      />
      <fieldset className="voxel-size">
        <legend>Voxel size, nm</legend>
        <div className="three">
          {([0, 1, 2] as const).map((axis) => (
            <NumberField
              key={axis}
              label={axisNames[axis]}
              value={voxelSizeNm[axis]}
              min={1e-6}
              max={1e9}
              onNumber={(nm) => put(axis, nm)}
            />
          ))}
        </div>
      </fieldset>
      <label className="check add-pyramid">
        <input
          type="checkbox"
          checked={pyramid === 'auto'}
          onChange={() => changeVolumeDraft({ pyramid: pyramid === 'auto' ? 'none' : 'auto' })}
        />
        Make coarse levels where it lacks them
      </label>
      <div className="row add-end">
        <Button tone="primary" type="submit">
          Add and view
        </Button>
        <span className="faint">Nothing is copied: it stays where it is.</span>
        {description?.format === 'image-stack' && (
          <Button
            tone="link"
            onClick={() => {
              dropVolumeDraft();
              void prepareImport({ id: draft.source.ref, name: draft.source.text, kind: 'folder' });
            }}
          >
            These are tiles to stitch
          </Button>
        )}
      </div>
    </form>
  );
}
