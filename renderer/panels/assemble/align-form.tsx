import type { ReactNode } from 'react';
import { useBoard } from '../../state/board.ts';
import { useLibrary } from '../../state/library.ts';
import { alignedFrom, type AlignModel, setAlignOptions, useAlignment } from '../../state/section-alignment.ts';
import { setWhatIsAligned, useRegistration } from '../../state/registration.ts';
import { useSession } from '../../state/session.ts';
import { plural } from '../../ui/format.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';
import { Choices } from '../choices.tsx';
import { OwnLength } from '../own-length.tsx';
import { SessionsForm } from './sessions-form.tsx';

const models: ReadonlyArray<{ readonly value: AlignModel; readonly title: string; readonly about: string }> = [
  { value: 'rigid', title: 'Rigid', about: 'Sections are turned and moved.' },
  { value: 'affine', title: 'Affine', about: 'Scaled and sheared as a whole, too: pressed by the knife.' },
  { value: 'elastic', title: 'Elastic', about: 'Bent as well, as little as it takes. Right for most thin sections.' },
];

/** Sections to each other or, where there are more datasets, sessions of the same sections. */
export function AlignForm(): ReactNode {
  const datasets = useLibrary((s) => s.library?.datasets.length ?? 0);
  const what = useRegistration((s) => s.what);
  return (
    <>
      {datasets > 1 && (
        <Segmented
          label="What is aligned"
          value={what}
          options={[
            { value: 'sections', label: 'Sections', title: 'The sections of this dataset to each other' },
            { value: 'sessions', label: 'Sessions', title: 'Sessions that show the same sections, to one frame' },
          ]}
          onValue={setWhatIsAligned}
        />
      )}
      {datasets > 1 && what === 'sessions' ? <SessionsForm /> : <SectionsForm />}
    </>
  );
}

/** How sections may move to fit each other, and off. */
function SectionsForm(): ReactNode {
  const { model, neighbours } = useAlignment();
  const sections = useBoard((s) => s.sections.length);
  return (
    <>
      <Choices
        legend="How sections may move"
        group="align-model"
        options={models}
        value={model}
        onValue={(value) => setAlignOptions({ model: value })}
      />
      <LabelledSlider
        label="Neighbours"
        value={neighbours}
        min={1}
        max={5}
        step={1}
        onValue={(value) => setAlignOptions({ neighbours: value })}
      />
      <p className="faint">Each section is matched to so many before and behind it; gaps are bridged by themselves.</p>
      <div className="align-more">
        <Section title="Advanced" folds startsFolded>
          <MoreOptions />
        </Section>
      </div>
      <From />
      <ActionButton id="sections.align" tone="primary">
        Align {plural(sections, 'section')}
      </ActionButton>
    </>
  );
}

function MoreOptions(): ReactNode {
  const options = useAlignment();
  const { contrast, keepTrend } = options;
  return (
    <>
      <Segmented
        label="What is matched"
        value={contrast}
        options={[
          { value: 'levels', label: 'Grey levels', title: 'Bright is bright in all sections' },
          { value: 'edges', label: 'Edges', title: 'Where bright and dark are swapped between sections' },
        ]}
        onValue={(value) => setAlignOptions({ contrast: value })}
      />
      <label className="check explained">
        <input type="checkbox" checked={keepTrend} onChange={() => setAlignOptions({ keepTrend: !keepTrend })} />
        <span>
          Keep tilted tissue tilted
          <span className="muted">
            What moves steadily from section to section stays. Off where the stage’s places mean nothing.
          </span>
        </span>
      </label>
      {lengths.map(({ key, ...field }) => (
        <OwnLength key={key} {...field} value={options[key]} onValue={(px) => setAlignOptions({ [key]: px })} />
      ))}
    </>
  );
}

/** Bounds as the engine has them. */
const lengths = [
  {
    key: 'searchPx',
    name: 'search radius',
    label: 'Search radius, px',
    about: 'How far a block may lie from where the rough match expects it.',
    usual: '3\u00a0% of a section’s longer side, at least 24\u00a0px',
    first: 100,
    min: 2,
    max: 100_000,
  },
  {
    key: 'spacingPx',
    name: 'spacing of blocks',
    label: 'Spacing of blocks, px',
    about: 'Closer sees finer bends and takes longer.',
    usual: 'a 32nd of the longer side, at least 24\u00a0px',
    first: 64,
    min: 8,
    max: 100_000,
  },
  {
    key: 'stepPx',
    name: 'reduction',
    label: 'Reduction, px',
    about: 'So many pixels of the stack are one that is matched; more is faster and coarser.',
    usual: '1 for sections up to 4\u202f096\u00a0px, then 2, 4 and so on',
    first: 2,
    min: 1,
    max: 256,
  },
] as const;

/** Which places sections start from. */
function From(): ReactNode {
  const stack = useSession((s) => s.stack);
  const version = useLibrary((s) => s.library?.stacks.find(({ id }) => id === alignedFrom(stack))?.version);
  return (
    <p className="faint">
      {version === undefined
        ? 'Starts where the stage put the tiles; makes a new version.'
        : `Starts from version ${version}; makes a new one.`}
    </p>
  );
}
