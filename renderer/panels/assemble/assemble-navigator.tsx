import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StackSummary } from '../../../preload/contract/library.ts';
import type { Model } from '../../state/assemble.ts';
import { removeStack, setMapSection, setModel, useAssemble } from '../../state/assemble.ts';
import { isUsed, useBoard } from '../../state/board.ts';
import { useLibrary } from '../../state/library.ts';
import { setSession, useSession } from '../../state/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { SelectField } from '../../ui/field.tsx';
import { formatAgo, formatPixels, formatTime, plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Slider } from '../../ui/slider.tsx';
import { ActionButton } from '../action-button.tsx';

export function AssembleNavigator(): ReactNode {
  return (
    <>
      <Stitch />
      <Versions />
      <MapSection />
    </>
  );
}

const models: ReadonlyArray<{ readonly value: Model; readonly title: string; readonly about: string }> = [
  { value: 'translation', title: 'Translation', about: 'Tiles only shift. Right for most stages.' },
  { value: 'rigid', title: 'Rigid', about: 'Shift and rotate. For a turned camera or sections laid by hand.' },
  {
    value: 'affine',
    title: 'Affine',
    about: 'Shift, rotate, scale, shear. For uneven magnification; needs good overlaps.',
  },
];

function Stitch(): ReactNode {
  const datasets = useLibrary((s) => s.library?.datasets ?? []);
  const current = useSession((s) => s.dataset);
  const model = useAssemble((s) => s.model);
  const tiles = useBoard((s) => s.tiles) ?? [];
  const used = tiles.filter(isUsed).length;
  const stitched = useAssemble((s) => s.stack !== null);
  return (
    <Section title="Stitch">
      <SelectField
        label="Dataset"
        value={current ?? ''}
        options={datasets.map(({ id, name }) => ({ value: id, label: name }))}
        onValue={(id) => setSession({ dataset: id })}
      />
      <fieldset className="models">
        <legend>How tiles may move</legend>
        {models.map(({ value, title, about }) => (
          <Choice
            key={value}
            group="model"
            title={title}
            about={about}
            checked={model === value}
            onChoose={() => setModel(value)}
          />
        ))}
      </fieldset>
      {used < tiles.length && <p className="faint">{plural(tiles.length - used, 'rejected or bad tile')} left out.</p>}
      <ActionButton id="stitch.start" tone={stitched ? 'primary' : 'plain'}>
        Stitch {plural(used, 'tile')}
      </ActionButton>
    </Section>
  );
}

export const verdictTone = {
  pass: ['Good', 'good'],
  warn: ['Look at it', 'warn'],
  fail: ['Not good enough', 'bad'],
} as const;

function Versions(): ReactNode {
  const dataset = useSession((s) => s.dataset);
  const current = useSession((s) => s.stack);
  const all = useLibrary((s) => s.library?.stacks);
  const stacks = (all ?? []).filter((stack) => stack.dataset === dataset).toSorted((a, b) => b.version - a.version);
  if (stacks.length === 0) return null;
  return (
    <Section title="Versions" aside={<span className="faint">each stitching is kept</span>}>
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

function VersionButton({ stack, current }: { readonly stack: StackSummary; readonly current: boolean }): ReactNode {
  const [word, tone] = verdictTone[stack.verdict];
  return (
    <button type="button" className="list-item" aria-current={current} onClick={() => setSession({ stack: stack.id })}>
      <span className="row">
        v{stack.version}, {stack.model}
      </span>
      <span className="sub">
        <Badge tone={tone}>{word}</Badge>
        <span className="mono">RMS {formatPixels(stack.rmsPx)}</span>
        <span title={formatTime(stack.createdAt)}>{formatAgo(stack.createdAt)}</span>
      </span>
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
