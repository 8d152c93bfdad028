import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Job } from '../../../preload/contract/job.ts';
import type { StackSummary } from '../../../preload/contract/library.ts';
import { removeStack, setMapSection, setStep, useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { useLibrary } from '../../state/library.ts';
import { setSession, useSession } from '../../state/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { formatAgo, formatPixels, formatTime } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Slider } from '../../ui/slider.tsx';
import { StepJob } from './step-job.tsx';
import { steps } from './steps.tsx';
import { isMeasured, verdictOf } from './verdict-tone.ts';

interface NavigatorProps {
  readonly onlyBlocks?: boolean;
  /** The job of a step that is under way, unless the room shows nothing but it. */
  readonly running: Job | null;
}

export function AssembleNavigator({ onlyBlocks = false, running }: NavigatorProps): ReactNode {
  if (onlyBlocks) return <Steps shown="blocks" running={running} />;
  return (
    <>
      <Dataset />
      <Steps running={running} />
      <Versions />
      <MapSection />
    </>
  );
}

function Dataset(): ReactNode {
  const datasets = useLibrary((s) => s.library?.datasets) ?? [];
  const current = useSession((s) => s.dataset);
  return (
    <Section title="Assemble">
      <SelectField
        label="Dataset"
        value={current ?? ''}
        options={datasets.map(({ id, name }) => ({ value: id, label: name }))}
        onValue={(id) => setSession({ dataset: id })}
      />
    </Section>
  );
}

/** One step at a time: what it does, its form, its button. */
function Steps({ shown, running }: { readonly shown?: string; readonly running: Job | null }): ReactNode {
  const own = useAssemble((s) => s.step);
  const chosen = shown ?? own;
  const step = steps.find(({ id }) => id === chosen) ?? steps[0];
  if (!step) return null;
  const { Form } = step;
  return (
    <Section title={step.title}>
      {steps.length > 1 && (
        <div className="step-switch">
          <Segmented
            label="Step"
            value={step.id}
            options={steps.map(({ id, label, title }) => ({ value: id, label, title }))}
            onValue={setStep}
          />
        </div>
      )}
      <Form />
      {running && <StepJob job={running} />}
    </Section>
  );
}

function Versions(): ReactNode {
  const dataset = useSession((s) => s.dataset);
  const current = useSession((s) => s.stack);
  const all = useLibrary((s) => s.library?.stacks);
  const stacks = (all ?? []).filter((stack) => stack.dataset === dataset).toSorted((a, b) => b.version - a.version);
  if (stacks.length === 0) return null;
  return (
    <Section title="Versions" aside={<span className="faint">each step is kept</span>}>
      <ul className="list">
        {stacks.map((stack) => (
          <li key={stack.id} className="with-tool">
            <VersionButton stack={stack} current={stack.id === current} />
            <IconButton
              icon={Trash2}
              iconSize={14}
              label={`Remove version ${stack.version}`}
              hint="Can be undone."
              onClick={() => void removeStack(stack.id)}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** What made a version, in a word or two. */
const wordsOf = ({ madeBy, model }: StackSummary): string =>
  ({
    stitch: model,
    import: 'imported',
    align: `aligned, ${model}`,
    channels: 'in the common frame',
    intensity: 'light',
    edit: `${model}, by hand`,
  })[madeBy];

function VersionButton({ stack, current }: { readonly stack: StackSummary; readonly current: boolean }): ReactNode {
  const [word, tone] = verdictOf(stack);
  const parent = useLibrary((s) => s.library?.stacks.find(({ id }) => id === stack.parent)?.version);
  return (
    <button type="button" className="list-item" aria-current={current} onClick={() => setSession({ stack: stack.id })}>
      <span className="row">
        v{stack.version}, {stack.name === '' ? wordsOf(stack) : stack.name}
      </span>
      <span className="sub">
        <Badge tone={tone}>{word}</Badge>
        {isMeasured(stack) && (
          <span className="mono">
            {stack.madeBy === 'align' ? 'apart' : stack.madeBy === 'channels' ? 'agrees to' : 'RMS'}{' '}
            {formatPixels(stack.rmsPx)}
          </span>
        )}
        <span title={formatTime(stack.createdAt)}>{formatAgo(stack.createdAt)}</span>
      </span>
      {parent !== undefined && <span className="sub faint">made of v{parent}</span>}
    </button>
  );
}

function MapSection(): ReactNode {
  const sections = useBoard((s) => s.sections);
  const section = useAssemble((s) => s.section);
  const stack = useAssemble((s) => s.stack);
  const at = sections.indexOf(section ?? Number.NaN);
  if (stack === null || sections.length < 2) return null;
  return (
    <Section
      title="Section of the map"
      aside={<span className="mono">{`${section} (${at + 1} of ${sections.length})`}</span>}
    >
      <Slider
        label="Section of the map"
        value={Math.max(0, at)}
        min={0}
        max={sections.length - 1}
        valueText={`section ${section}`}
        onValue={(index) => setMapSection(sections[index] ?? 0)}
      />
    </Section>
  );
}
