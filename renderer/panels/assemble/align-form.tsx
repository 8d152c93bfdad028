import type { ReactNode } from 'react';
import { useBoard } from '../../state/board.ts';
import { useLibrary } from '../../state/library.ts';
import { alignedFrom, type AlignModel, setAlignOptions, useAlignment } from '../../state/section-alignment.ts';
import { useSession } from '../../state/session.ts';
import { Choice } from '../../ui/choice.tsx';
import { plural } from '../../ui/format.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';

const models: ReadonlyArray<{ readonly value: AlignModel; readonly title: string; readonly about: string }> = [
  { value: 'rigid', title: 'Rigid', about: 'Sections are turned and moved.' },
  { value: 'affine', title: 'Affine', about: 'Scaled and sheared as a whole, too: pressed by the knife.' },
  { value: 'elastic', title: 'Elastic', about: 'Bent as well, as little as it takes. Right for most thin sections.' },
];

/** How sections may move to fit each other, and off. */
export function AlignForm(): ReactNode {
  const { model, neighbours } = useAlignment();
  const sections = useBoard((s) => s.sections.length);
  return (
    <>
      <fieldset className="models">
        <legend>How sections may move</legend>
        {models.map(({ value, title, about }) => (
          <Choice
            key={value}
            group="align-model"
            title={title}
            about={about}
            checked={model === value}
            onChoose={() => setAlignOptions({ model: value })}
          />
        ))}
      </fieldset>
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
        <Section title="More" folds startsFolded>
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
  const { contrast, keepTrend } = useAlignment();
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
      <label className="check align-trend">
        <input type="checkbox" checked={keepTrend} onChange={() => setAlignOptions({ keepTrend: !keepTrend })} />
        <span>
          Keep tilted tissue tilted
          <span className="muted">
            What moves steadily from section to section stays. Off where the stage’s places mean nothing.
          </span>
        </span>
      </label>
    </>
  );
}

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
