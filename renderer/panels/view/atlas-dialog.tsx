import { BookOpenText, File, FolderOpen, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AtlasDraft, Part } from '../../state/atlas-draft.ts';
import {
  changeAtlasDraft,
  chooseAtlasFolder,
  choosePart,
  dropAtlasDraft,
  importAtlas,
  orientationProblem,
  useAtlasDraft,
  whyNoImport,
} from '../../state/atlas-draft.ts';
import { useLibrary } from '../../state/library.ts';
import { beginsOf } from '../../state/orientation.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Facts } from '../../ui/facts.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { formatCount, formatExtent } from '../../ui/format.ts';
import { Segmented } from '../../ui/segmented.tsx';
import './atlas.css';

const ways = [
  { value: 'folder', label: 'A BrainGlobe folder' },
  { value: 'parts', label: 'An annotation and its table' },
] as const;

interface OfDraft {
  readonly draft: AtlasDraft;
}

/** An atlas is chosen and looked at, before it is imported. */
export function AtlasDialog(): ReactNode {
  const draft = useAtlasDraft((s) => s.draft);
  if (!draft) return null;
  const whyNot = whyNoImport(draft);
  return (
    <Dialog title="Import an atlas" onClose={dropAtlasDraft}>
      <form
        className="dialog-content stack atlas-form"
        onSubmit={(event) => {
          event.preventDefault();
          void importAtlas();
        }}
      >
        <Segmented label="From" value={draft.from} options={ways} onValue={(from) => changeAtlasDraft({ from })} />
        {draft.from === 'folder' ? <Folder draft={draft} /> : <Parts draft={draft} />}
        <TextField
          label="Name"
          value={draft.name}
          maxLength={200}
          placeholder={draft.annotation?.text ?? ''}
          onText={(name) => changeAtlasDraft({ name })}
        />
        <div className="export-end">
          <span className="hint">{whyNot ?? 'Nothing is copied: its files stay where they are.'}</span>
          <Button type="submit" tone="primary" icon={BookOpenText} whyNot={whyNot}>
            Import
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Folder({ draft: { folder, description, problem } }: OfDraft): ReactNode {
  return (
    <>
      <p className="muted">
        A folder of .brainglobe in your home, such as allen_mouse_25um_v1.2: it says everything itself.
      </p>
      <div className="atlas-part">
        <Button icon={FolderOpen} onClick={() => void chooseAtlasFolder()}>
          {folder ? 'Another folder…' : 'Folder…'}
        </Button>
        {folder && <span className="truncate">{folder.text}</span>}
      </div>
      {problem && <ErrorNote message={problem.message} hint={problem.hint} />}
      {folder && !description && !problem && <p className="muted">Looking at what it holds…</p>}
      {description && (
        <Facts
          facts={[
            { name: 'Regions', value: formatCount(description.regions) },
            { name: 'Voxel', value: formatExtent(description.voxelSizeNm) },
            { name: 'Axes begin', value: description.orientation, about: 'Where x, y and z begin.' },
            { name: 'Template', value: description.template ?? 'none' },
            { name: 'Cite', value: description.citation || 'not said' },
          ]}
        />
      )}
    </>
  );
}

function Parts({ draft }: OfDraft): ReactNode {
  const { annotation, ontology, template, orientation } = draft;
  const begins = beginsOf(['+x', '+y', '+z'], orientation);
  const volumes = useLibrary((s) => s.library?.volumes) ?? [];
  const named = (kind: 'image' | 'segmentation'): readonly Part[] =>
    volumes.filter((one) => one.kind === kind).map(({ id, name }) => ({ ref: id, text: name }));
  return (
    <>
      <VolumePart label="Annotation" part="annotation" chosen={annotation} here={named('segmentation')} />
      <div className="field">
        <span className="label">Table of its regions</span>
        <div className="atlas-part">
          <span className={`atlas-file truncate ${ontology ? '' : 'faint'}`} title={ontology?.text}>
            {ontology?.text ?? 'None chosen'}
          </span>
          <Button icon={File} onClick={() => void choosePart('ontology')}>
            File…
          </Button>
        </div>
        <span className="hint">
          JSON or CSV of Allen or BrainGlobe, labels of ITK-SNAP or FreeSurfer, or any table with id and name.
        </span>
      </div>
      <VolumePart label="Template, if there is one" part="template" chosen={template} here={named('image')} />
      <TextField
        label="Where x, y and z begin"
        value={orientation}
        maxLength={3}
        placeholder="asl"
        hint={
          begins === null
            ? 'A letter each: a or p for front or back, s or i for top or bottom, l or r. It tells left from right. Allen’s is asl.'
            : `x, y and z begin at the ${begins}.`
        }
        problem={orientationProblem(orientation)}
        onText={(text) => changeAtlasDraft({ orientation: text.trim().toLowerCase() })}
      />
    </>
  );
}

interface VolumePartProps {
  readonly label: string;
  readonly part: 'annotation' | 'template';
  readonly chosen: Part | null;
  /** Volumes of the library that it may be. */
  readonly here: readonly Part[];
}

/** A volume of the library, or a file. */
function VolumePart({ label, part, chosen, here }: VolumePartProps): ReactNode {
  const isFile = chosen !== null && !here.some(({ ref }) => ref === chosen.ref);
  const options = [
    { value: '', label: isFile ? chosen.text : here.length > 0 ? 'A volume of the library…' : 'None in the library' },
    ...here.map(({ ref, text }) => ({ value: ref, label: text })),
  ];
  return (
    <div className="atlas-part">
      <SelectField
        label={label}
        value={isFile ? '' : (chosen?.ref ?? '')}
        options={options}
        onValue={(ref) => changeAtlasDraft({ [part]: here.find((one) => one.ref === ref) ?? null })}
      />
      <Button icon={File} onClick={() => void choosePart(part)}>
        File…
      </Button>
      {chosen && (
        <IconButton icon={X} iconSize={14} label={`No ${part}`} onClick={() => changeAtlasDraft({ [part]: null })} />
      )}
    </div>
  );
}
