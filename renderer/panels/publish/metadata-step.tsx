import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { metadataSchema, modalities } from '../../../preload/contract/publish.ts';
import type { Metadata } from '../../../preload/contract/publish.ts';
import { useLibrary } from '../../state/library.ts';
import type { MetadataDraft, Problems } from '../../state/publish.ts';
import { editMetadata, goToStep, licenceIds, metadataProblems, usePublish } from '../../state/publish.ts';
import { useSession } from '../../state/session.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SelectField, TextArea, TextField } from '../../ui/field.tsx';
import { formatExtent, plural } from '../../ui/format.ts';

const modalityNames: Readonly<Record<(typeof modalities)[number], string>> = {
  EM: 'EM: electron microscopy',
  AT: 'AT: array tomography',
  Ophys: 'Ophys: optical physiology',
  XCT: 'XCT: X-ray computed tomography',
  LM: 'LM: light microscopy',
  CL: 'CL: correlative light and electron microscopy',
  MR: 'MR: magnetic resonance',
};

interface PartProps {
  readonly draft: MetadataDraft;
  readonly problemOf: (field: string) => string | null;
  readonly touch: (field: string) => void;
}

/** One part of the form for each key of the contract's schema: a new key does not compile until it has one. */
const parts = {
  title: ({ draft, problemOf, touch }) => (
    <TextField
      label="Title"
      value={draft.title}
      maxLength={150}
      problem={problemOf('title')}
      hint="How it is cited, up to 150 characters."
      onBlur={() => touch('title')}
      onText={(title) => editMetadata({ title })}
    />
  ),
  creators: (props) => <Creators {...props} />,
  licence: ({ draft, problemOf, touch }) => (
    <>
      <TextField
        label="Licence"
        list="licences"
        value={draft.licence}
        problem={problemOf('licence')}
        hint="An SPDX id. CC-BY-4.0: free to use with credit. CC0-1.0: free without conditions."
        onBlur={() => touch('licence')}
        onText={(licence) => editMetadata({ licence })}
      />
      <datalist id="licences">
        {licenceIds.map((id) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </datalist>
    </>
  ),
  modality: ({ draft }) => (
    <SelectField
      label="Modality"
      value={draft.modality}
      options={modalities.map((value) => ({ value, label: modalityNames[value] }))}
      onValue={(modality) => editMetadata({ modality })}
    />
  ),
  species: ({ draft, problemOf, touch }) => (
    <TextField
      label="Species"
      value={draft.species}
      placeholder="Mus musculus"
      problem={problemOf('species')}
      hint="Scientific name."
      onBlur={() => touch('species')}
      onText={(species) => editMetadata({ species })}
    />
  ),
  voxelSizeNm: () => <VoxelSize />,
  description: ({ draft, problemOf, touch }) => (
    <TextArea
      label="Description"
      rows={4}
      value={draft.description}
      maxLength={3000}
      problem={problemOf('description')}
      hint="Specimen, preparation, instrument. Optional."
      onBlur={() => touch('description')}
      onText={(description) => editMetadata({ description })}
    />
  ),
} satisfies Readonly<Record<keyof Metadata, (props: PartProps) => ReactNode>>;

/** Errors show for fields that were left, and for all after an attempt to go on. */
export function MetadataStep(): ReactNode {
  const draft = usePublish((s) => s.metadata);
  const volume = useSession((s) => s.volume);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const problems: Problems = metadataProblems(draft, volume);
  const count = Object.keys(problems).length;
  const props: PartProps = {
    draft,
    problemOf: (field) => (tried || touched.has(field) ? (problems[field] ?? null) : null),
    touch: (field) => setTouched((now) => new Set([...now, field])),
  };
  const goOn = (): void => {
    setTried(true);
    if (count === 0) goToStep('folder');
  };
  return (
    <form className="metadata" aria-label="Metadata" onSubmit={(event) => event.preventDefault()}>
      {(Object.keys(metadataSchema.shape) as Array<keyof Metadata>).map((key) => {
        const Part = parts[key];
        return (
          <div key={key} className={`metadata-${key}`}>
            <Part {...props} />
          </div>
        );
      })}
      <div className="row metadata-end">
        <Button tone="primary" onClick={goOn}>
          Next: folder
        </Button>
        {tried && count > 0 && (
          <span className="problem" role="status">
            {plural(count, 'field')} still to fill in
          </span>
        )}
        <span className="faint">What you type is kept for the next publication.</span>
      </div>
    </form>
  );
}

function Creators({ draft, problemOf, touch }: PartProps): ReactNode {
  const put = (index: number, change: Partial<MetadataDraft['creators'][number]>): void =>
    editMetadata({ creators: draft.creators.map((creator, i) => (i === index ? { ...creator, ...change } : creator)) });
  return (
    <fieldset className="creators">
      <legend>Creators</legend>
      {draft.creators.map((creator, index) => (
        <div key={index} className="creator">
          <TextField
            label={`Name of creator ${index + 1}`}
            value={creator.name}
            placeholder="Family, Given"
            problem={problemOf(`creators.${index}.name`)}
            onBlur={() => touch(`creators.${index}.name`)}
            onText={(name) => put(index, { name })}
          />
          <TextField
            label="ORCID (optional)"
            value={creator.orcid}
            placeholder="0000-0002-1825-0097"
            problem={problemOf(`creators.${index}.orcid`)}
            onBlur={() => touch(`creators.${index}.orcid`)}
            onText={(orcid) => put(index, { orcid })}
          />
          <IconButton
            icon={X}
            label={`Remove creator ${index + 1}`}
            whyNot={draft.creators.length === 1 ? 'at least one creator is needed' : null}
            onClick={() => editMetadata({ creators: draft.creators.filter((_, i) => i !== index) })}
          />
        </div>
      ))}
      <Button
        size="small"
        icon={Plus}
        onClick={() => editMetadata({ creators: [...draft.creators, { name: '', orcid: '' }] })}
      >
        Add a creator
      </Button>
    </fieldset>
  );
}

function VoxelSize(): ReactNode {
  const id = useSession((s) => s.volume);
  const volume = useLibrary((s) => s.library?.volumes.find((one) => one.id === id));
  const size = volume?.levels[0]?.voxelSizeNm;
  return (
    <div className="field">
      <span className="label">Voxel size</span>
      <span className="mono fixed-value">{size ? formatExtent(size) : '–'}</span>
      <span className="hint">From the volume.</span>
    </div>
  );
}
