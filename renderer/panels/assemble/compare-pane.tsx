import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { useEffect } from 'react';
import type { StackSummary } from '../../../preload/contract/library.ts';
import { useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import type { CompareMode, SectionOfStack } from '../../state/compare.ts';
import { blink, setBeside, setCompareAt, setCompareMode, setOther, useCompare } from '../../state/compare.ts';
import { useLibrary } from '../../state/library.ts';
import { useRegistration } from '../../state/registration.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { Slider } from '../../ui/slider.tsx';
import { ActionIcon } from '../action-button.tsx';

const modes: ReadonlyArray<{ readonly value: CompareMode; readonly label: string; readonly title: string }> = [
  { value: 'slide', label: 'Slide', title: 'The other one left of the slider, this one right of it' },
  { value: 'difference', label: 'Difference', title: 'Black where both are alike' },
  { value: 'blink', label: 'Blink', title: 'One after the other' },
];

interface Compared {
  readonly other: SectionOfStack;
  /** What each is called, in a word. */
  readonly otherName: string;
  readonly ownName: string;
}

/** This version of the stack and another one, or a section and its neighbour, over each other. `draw`: the scene. */
export function ComparePane({ draw }: { readonly draw: (other: SectionOfStack) => ReactNode }): ReactNode {
  const mode = useCompare((s) => s.mode);
  const versions = useVersions();
  const sections = useSections();
  const chosen = useCompare((s) => s.beside) ?? (versions ? 'version' : 'section');
  const compared = chosen === 'version' ? versions : sections;
  useBlinking(mode === 'blink' && compared !== null);
  if (!versions && !sections) {
    return (
      <p className="compare-none muted">
        Once there are two versions or sections, they can be laid over each other here.
      </p>
    );
  }
  return (
    <div className="compare">
      <div className="compare-bar">
        <Segmented
          label="What lies beside"
          value={chosen}
          options={[
            { value: 'version', label: 'Versions', title: 'The same section in another version of the stack' },
            { value: 'section', label: 'Sections', title: 'The section before in this version' },
          ]}
          onValue={setBeside}
        />
        {chosen === 'version' ? <OtherVersion /> : <SectionStep />}
        <Segmented label="How they are compared" value={mode} options={modes} onValue={setCompareMode} />
        {compared && <Controls compared={compared} />}
      </div>
      <div className="compare-picture">
        {compared ? draw(compared.other) : <p className="compare-none muted">{noneWords[chosen]}</p>}
      </div>
    </div>
  );
}

const noneWords = {
  version: 'This is the only version: the next step makes another one.',
  section: 'There is only one section.',
} as const;

function Controls({ compared: { otherName, ownName } }: { readonly compared: Compared }): ReactNode {
  const { mode, at, showsOther, difference } = useCompare();
  return (
    <>
      {mode === 'slide' && (
        <Slider
          label={`Slider between ${otherName} and ${ownName}`}
          value={Math.round(100 * at)}
          min={0}
          max={100}
          valueText={`${Math.round(100 * at)} % of ${otherName}`}
          onValue={(percent) => setCompareAt(percent / 100)}
        />
      )}
      {mode === 'difference' && difference && (
        <span className="faint">
          In view, grey levels differ by <span className="mono">{formatNumber(difference.mean)}</span> on average and{' '}
          <span className="mono">{difference.most}</span> at most.
        </span>
      )}
      {mode === 'blink' && (
        <Button size="small" onClick={blink}>
          {`Shown: ${showsOther ? otherName : ownName}`}
        </Button>
      )}
    </>
  );
}

/** Sessions that were brought to one frame lie over each other, whatever their pixels. */
const isOfOneFrame = (one: StackSummary, mine: StackSummary | undefined): boolean =>
  one.madeBy === 'channels' && one.job === mine?.job && one.dataset !== mine.dataset;

function useOthers() {
  const own = useAssemble((s) => s.stack);
  const stacks = useLibrary((s) => s.library?.stacks) ?? [];
  const chosen = useCompare((s) => s.other);
  const frame = useRegistration((s) => s.report?.sessions.find(({ isFrame }) => isFrame)?.stack);
  const mine = stacks.find(({ id }) => id === own);
  const others = stacks
    .filter((one) => one.id !== own && (one.dataset === mine?.dataset || isOfOneFrame(one, mine)))
    .toSorted((a, b) => Number(isOfOneFrame(a, mine)) - Number(isOfOneFrame(b, mine)) || b.version - a.version);
  const usual = frame ?? mine?.parent;
  const other = others.find(({ id }) => id === chosen) ?? others.find(({ id }) => id === usual) ?? others[0];
  return { mine, others, other };
}

function useVersions(): Compared | null {
  const { mine, other } = useOthers();
  const section = useAssemble((s) => s.section);
  if (!mine || !other || section === null) return null;
  const [otherName, ownName] = isOfOneFrame(other, mine)
    ? [datasetName(other.dataset), datasetName(mine.dataset)]
    : [`v${other.version}`, `v${mine.version}`];
  return { other: { stack: other.id, section }, otherName, ownName };
}

const datasetName = (dataset: string): string =>
  useLibrary.getState().library?.datasets.find(({ id }) => id === dataset)?.name ?? dataset;

/** The section before; of the first one, the next. */
function useSections(): Compared | null {
  const stack = useAssemble((s) => s.stack);
  const section = useAssemble((s) => s.section);
  const sections = useBoard((s) => s.sections);
  const at = sections.indexOf(section ?? Number.NaN);
  const next = at === -1 ? undefined : (sections[at - 1] ?? sections[at + 1]);
  if (stack === null || section === null || next === undefined) return null;
  return { other: { stack, section: next }, otherName: `section ${next}`, ownName: `section ${section}` };
}

function OtherVersion(): ReactNode {
  const { mine, others, other } = useOthers();
  if (!mine || !other) return null;
  return (
    <SelectField
      label={`Beside v${mine.version}`}
      value={other.id}
      options={others.map((one) => ({
        value: one.id,
        label: isOfOneFrame(one, mine)
          ? datasetName(one.dataset)
          : `v${one.version}, ${one.madeBy === 'stitch' ? one.model : one.madeBy}`,
      }))}
      onValue={setOther}
    />
  );
}

function SectionStep(): ReactNode {
  const found = useSections();
  return (
    <span className="row section-step">
      <ActionIcon id="map.section.previous" icon={ChevronLeft} />
      <span role="status">
        {found && (
          <>
            <span className="faint">{found.otherName} over </span>
            {found.ownName}
          </>
        )}
      </span>
      <ActionIcon id="map.section.next" icon={ChevronRight} />
    </span>
  );
}

const blinkMs = 700;

/** By itself, unless less motion is asked for: then the button does it. */
function useBlinking(on: boolean): void {
  useEffect(() => {
    if (!on || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const timer = setInterval(blink, blinkMs);
    return () => clearInterval(timer);
  }, [on]);
}
