import { Spline } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { LandmarkFit } from '../../../preload/contract/warp.ts';
import { csvUnits, useCsvUnit } from '../../state/landmark-files.ts';
import type { CsvUnit } from '../../state/landmark-files.ts';
import { fitWords } from '../../state/landmark-pairs.ts';
import { renameWarp, setFitting } from '../../state/landmark-tool.ts';
import type { Alignment } from '../../state/landmarks.ts';
import { pairsOf, useLandmarks } from '../../state/landmarks.ts';
import { useView } from '../../state/view.ts';
import { ErrorNote } from '../../ui/error-note.tsx';
import { NumberField, SelectField, TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import { ActionButton } from '../action-button.tsx';
import { BeforeAfter } from './landmark-bar.tsx';
import { LandmarkList } from './landmark-list.tsx';
import './landmarks.css';

/** The landmarks of the selected layer: the pairs, how well they fit, what is made of them. */
export function LandmarkSection({ layer }: { readonly layer: string }): ReactNode {
  const alignment = useLandmarks((s) => (s.alignment?.layer === layer ? s.alignment : null));
  const active = useLandmarks((s) => s.active);
  if (!alignment) return null;
  return (
    <Section
      title="Landmarks"
      aside={
        <ActionButton id="landmark.tool" size="small" icon={Spline} pressed={active}>
          {active ? 'Placing' : 'Place'}
        </ActionButton>
      }
    >
      <Verdict alignment={alignment} />
      {pairsOf({ alignment }).length > 0 && <LandmarkList alignment={alignment} />}
      {alignment.warp !== null && !active && <BeforeAfter />}
      {alignment.warp !== null && <Kept key={alignment.warp} volume={alignment.warp} />}
      {alignment.warp !== null && <Fitting alignment={alignment} />}
      <Files />
    </Section>
  );
}

/** What the pairs do, or why they do nothing. */
function Verdict({ alignment }: { readonly alignment: Alignment }): ReactNode {
  const answer = useLandmarks((s) => s.answer);
  const problem = useLandmarks((s) => s.problem);
  if (problem !== null) return <ErrorNote message={problem} />;
  if (alignment.step.landmarks.length === 0)
    return (
      <p className="muted">
        No pairs yet. Click a feature on this layer, then the same feature where it belongs. Four that do not lie in one
        plane fit it in 3-D, three in one section fit that section.
      </p>
    );
  return <p className="muted">{answer ? fitWords(answer, alignment.step) : 'Fitting…'}</p>;
}

/** The warped volume that keeps the pairs, by the name that the library's list has. */
function Kept({ volume }: { readonly volume: string }): ReactNode {
  const name = useView((s) => s.volumes.find(({ id }) => id === volume)?.name ?? '');
  const [draft, setDraft] = useState<string | null>(null);
  const keep = (): void => {
    const trimmed = draft?.trim() ?? '';
    if (trimmed !== '' && trimmed !== name) void renameWarp(volume, trimmed);
    setDraft(null);
  };
  return (
    <TextField
      label="Kept in the library as"
      value={draft ?? name}
      maxLength={200}
      onText={setDraft}
      onBlur={keep}
      onKeyDown={(event) => event.key === 'Enter' && keep()}
    />
  );
}

const fits: ReadonlyArray<{ readonly value: LandmarkFit; readonly label: string }> = [
  { value: 'thin-plate', label: 'Thin plate: through every pair' },
  { value: 'affine', label: 'Affine: straight stays straight' },
  { value: 'similarity', label: 'Similarity: moved, turned, scaled' },
  { value: 'rigid', label: 'Rigid: moved and turned' },
  { value: 'translation', label: 'Translation: moved' },
];

function Fitting({ alignment }: { readonly alignment: Alignment }): ReactNode {
  const { fit, stiffness } = alignment.step;
  return (
    <>
      <SelectField label="Fit" value={fit} options={fits} onValue={(value) => void setFitting({ fit: value })} />
      {fit === 'thin-plate' && (
        <NumberField
          label="Stiffness"
          value={stiffness}
          min={0}
          max={1e6}
          hint="0 goes through every pair; more bends less."
          onNumber={(value) => value !== stiffness && void setFitting({ stiffness: value })}
        />
      )}
    </>
  );
}

const unitOptions = (Object.keys(csvUnits) as CsvUnit[]).map((value) => ({ value, label: value }));

/** To and from BigWarp, whose files do not say their unit. */
function Files(): ReactNode {
  const unit = useCsvUnit((s) => s.unit);
  return (
    <details className="more">
      <summary>Files of BigWarp</summary>
      <div className="landmark-files">
        <SelectField
          label="Unit"
          value={unit}
          options={unitOptions}
          onValue={(value) => useCsvUnit.setState({ unit: value })}
        />
        <ActionButton id="landmark.import" size="small">
          Import…
        </ActionButton>
        <ActionButton id="landmark.export" size="small">
          Export…
        </ActionButton>
      </div>
    </details>
  );
}
