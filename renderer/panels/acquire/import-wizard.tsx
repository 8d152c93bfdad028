import { Eye, FolderInput, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ImportDraft } from '../../state/acquire.ts';
import {
  changeDraft,
  chosenCandidate,
  chooseSource,
  dropDraft,
  layoutWhyNot,
  openDraftAsLibrary,
  startImport,
} from '../../state/acquire.ts';
import { startWatch } from '../../state/watch.ts';
import { useLibrary } from '../../state/library.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { NumberField, TextField } from '../../ui/field.tsx';
import { formatBytes, formatCount, formatExtent, plural } from '../../ui/format.ts';
import { Stepper } from '../../ui/stepper.tsx';
import { BlocksOffer } from './blocks-offer.tsx';
import { LayoutChoice } from './layout-choice.tsx';

type StepId = 'folder' | 'layout' | 'voxels' | 'import';

/** From a folder to an import, with what will happen shown before it does. */
export function ImportWizard({ draft }: { readonly draft: ImportDraft }): ReactNode {
  const [step, setStep] = useState<StepId>('layout');
  const watches = draft.purpose === 'watch';
  const usable = (draft.detected?.images ?? 0) > 0 || (watches && draft.detected !== null);
  const layoutDone = layoutWhyNot(draft) === null;
  const now: StepId = usable ? step : 'folder';
  const steps = [
    { id: 'folder', title: 'Folder', note: draft.source.name, done: usable, open: true },
    {
      id: 'layout',
      title: 'Layout',
      note: layoutDone ? draft.layout.split(':')[0] : 'where each tile lies',
      done: layoutDone,
      open: usable,
    },
    {
      id: 'voxels',
      title: 'Voxel size',
      note: formatExtent(draft.voxelSizeNm),
      done: layoutDone && now === 'import',
      open: layoutDone,
    },
    {
      id: 'import',
      title: watches ? 'Watch' : 'Import',
      note: watches ? 'each tile as it comes' : 'read each tile once',
      done: false,
      open: layoutDone,
    },
  ];
  const title = watches ? 'Watch a folder' : 'Import a folder of tiles';
  return (
    <main className="room-main wizard" aria-label={title}>
      <div className="wizard-column">
        <header className="wizard-head">
          <h1>{title}</h1>
          <Button tone="quiet" onClick={dropDraft}>
            {watches ? 'Cancel' : 'Cancel the import'}
          </Button>
        </header>
        <Stepper label="Import" steps={steps} current={now} onStep={(id) => setStep(id as StepId)} />
        {now === 'folder' && <FolderStep draft={draft} onNext={() => setStep('layout')} />}
        {now === 'layout' && <LayoutStep draft={draft} onNext={() => setStep('voxels')} />}
        {now === 'voxels' && <VoxelStep draft={draft} onNext={() => setStep('import')} />}
        {now === 'import' && (watches ? <WatchStep draft={draft} /> : <ImportStep draft={draft} />)}
      </div>
    </main>
  );
}

interface StepProps {
  readonly draft: ImportDraft;
  readonly onNext: () => void;
}

function FolderStep({ draft, onNext }: StepProps): ReactNode {
  return (
    <div className="stack">
      <FolderSummary draft={draft} />
      <BlocksOffer source={draft.source} />
      <div className="row">
        {(draft.detected?.images ?? 0) > 0 && (
          <Button tone="primary" onClick={onNext}>
            Next: layout
          </Button>
        )}
        <Button icon={FolderOpen} onClick={() => void chooseSource(draft.purpose)}>
          Choose another folder…
        </Button>
      </div>
    </div>
  );
}

function FolderSummary({ draft }: { readonly draft: ImportDraft }): ReactNode {
  const { detected, problem, source } = draft;
  if (problem) return <ErrorNote message={problem.message} hint={problem.hint} />;
  if (!detected) return <p className="muted">Looking into {source.name}…</p>;
  if (detected.images === 0 && draft.purpose === 'watch') {
    return (
      <p>
        <strong>{source.name}</strong> holds no images yet.{' '}
        <span className="muted">Say how the microscope names its files; they are taken as they come.</span>
      </p>
    );
  }
  if (detected.images === 0) {
    return (
      <ErrorNote
        message={`There are no PNG, TIFF or JPEG images in ${source.name}.`}
        hint="Choose the folder that holds the tiles themselves. If this folder is a Lamella library, open it."
      >
        <Button onClick={() => void openDraftAsLibrary()}>Open it as a library</Button>
      </ErrorNote>
    );
  }
  return (
    <p>
      <strong>{source.name}</strong> holds {plural(detected.images, 'image')}, {formatBytes(detected.bytes)}.{' '}
      <span className="muted">They are read, never changed, moved or copied.</span>
    </p>
  );
}

function LayoutStep({ draft, onNext }: StepProps): ReactNode {
  const problem = layoutWhyNot(draft);
  return (
    <div className="stack">
      <FolderSummary draft={draft} />
      <BlocksOffer source={draft.source} />
      <LayoutChoice draft={draft} />
      <div className="row">
        <Button tone="primary" whyNot={problem} onClick={onNext}>
          Next: voxel size
        </Button>
      </div>
    </div>
  );
}

function VoxelStep({ draft, onNext }: StepProps): ReactNode {
  const put = (axis: 0 | 1 | 2, value: number): void => {
    const [x, y, z] = draft.voxelSizeNm;
    changeDraft({ voxelSizeNm: axis === 2 ? [x, y, value] : axis === 1 ? [x, value, z] : [value, y, z] });
  };
  return (
    <div className="stack">
      <p className="muted">
        How large a pixel is, and how far it is from one section to the next. Scale bars and coordinates follow from
        this.
      </p>
      <div className="three">
        <NumberField
          label="Pixel along x, nm"
          value={draft.voxelSizeNm[0]}
          min={0.001}
          onNumber={(value) => put(0, value)}
        />
        <NumberField
          label="Pixel along y, nm"
          value={draft.voxelSizeNm[1]}
          min={0.001}
          onNumber={(value) => put(1, value)}
        />
        <NumberField
          label="Section thickness (z), nm"
          value={draft.voxelSizeNm[2]}
          min={0.001}
          onNumber={(value) => put(2, value)}
        />
      </div>
      <div className="row">
        <Button tone="primary" onClick={onNext}>
          Next: check and import
        </Button>
      </div>
    </div>
  );
}

function NameOfDataset({ draft }: { readonly draft: ImportDraft }): ReactNode {
  return (
    <TextField
      label="Name of the dataset"
      value={draft.name}
      maxLength={200}
      onText={(name) => changeDraft({ name })}
    />
  );
}

function ImportStep({ draft }: { readonly draft: ImportDraft }): ReactNode {
  const library = useLibrary((s) => s.library);
  const match = chosenCandidate(draft);
  const tiles = match ? plural(match.tiles - match.missing, 'tile') : 'the tiles';
  return (
    <div className="stack">
      <NameOfDataset draft={draft} />
      <ul className="will">
        <li>
          {match
            ? `${formatCount(match.tiles)} tiles in ${plural(match.sections, 'section')} are read once: checksum, thumbnail, histogram, sharpness, saturation.`
            : 'Each tile that fits the pattern is read once.'}
        </li>
        {match && match.missing > 0 && (
          <li>
            {plural(match.missing, 'tile')} named by the layout {match.missing === 1 ? 'is' : 'are'} not in the folder;
            the import goes on without and names {match.missing === 1 ? 'it' : 'them'}.
          </li>
        )}
        <li>Tiles that look blank, blurred, saturated or cut short are flagged, with the reason.</li>
        <li>The source folder stays as it is. The import can be undone.</li>
      </ul>
      <div className="row">
        <Button tone="primary" icon={FolderInput} onClick={() => void startImport()}>
          {library ? `Import ${tiles}` : `Choose a library and import ${tiles}…`}
        </Button>
      </div>
    </div>
  );
}

function WatchStep({ draft }: { readonly draft: ImportDraft }): ReactNode {
  const library = useLibrary((s) => s.library);
  return (
    <div className="stack">
      <NameOfDataset draft={draft} />
      <ul className="will">
        <li>Each tile is read once it is whole: a file that still grows waits. Files are never changed.</li>
        <li>Focus, brightness, charging, overlaps and stage are compared with limits learned from this session.</li>
        <li>What is out of them raises an alarm with the reason, while the tile can still be taken again.</li>
        <li>It goes on until you stop it, also after a restart or a lost connection.</li>
      </ul>
      <div className="row">
        <Button tone="primary" icon={Eye} onClick={() => void startWatch()}>
          {library ? 'Watch the folder' : 'Choose a library and watch…'}
        </Button>
      </div>
    </div>
  );
}
