import { FileInput, FileOutput, Forward } from 'lucide-react';
import { useEffect, useId } from 'react';
import type { ReactNode } from 'react';
import type { StackSummary } from '../../../preload/contract/library.ts';
import { useLibrary } from '../../state/library.ts';
import {
  carryChoices,
  carryHere,
  exportStackAs,
  importStackFile,
  loadDescription,
  setCarryFrom,
  setStackFormat,
  setStackState,
  type StackDescription,
  stackFormats,
  type StackState,
  statesFrom,
  useStacks,
} from '../../state/stacks.ts';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { SelectField } from '../../ui/field.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { ServeSection } from './serve-section.tsx';

const stateWords: Readonly<Record<StackState, string>> = {
  LOADING: 'Loading: being changed',
  COMPLETE: 'Complete',
  READ_ONLY: 'Read only: held as it is',
  OFFLINE: 'Offline: put away',
};

/** What a version is and where it came from; its way to other programs and back; annotations carried into it. */
export function StackSection({ stack }: { readonly stack: StackSummary }): ReactNode {
  const description = useStacks((s) => (s.description?.stack.id === stack.id ? s.description : null));
  useEffect(() => void loadDescription(), [stack.id]);
  return (
    <>
      <Section title="Stack" folds>
        <SelectField
          label="State"
          value={stack.state}
          options={statesFrom[stack.state].map((value) => ({ value, label: stateWords[value] }))}
          onValue={(state) => void setStackState(state)}
        />
        {description && <Described description={description} />}
      </Section>
      <Carry stack={stack} />
      <Exchange stack={stack} />
      <ServeSection stack={stack} />
    </>
  );
}

function Described({ description: { stats, facts, lineage } }: { readonly description: StackDescription }): ReactNode {
  const { bounds } = stats;
  const label = useId();
  const named = stats.channelNames.filter((name) => name !== '');
  return (
    <>
      <Facts
        facts={[
          ...(bounds
            ? [
                {
                  name: 'Extent',
                  value: `${formatCount(Math.ceil(bounds.maxX - bounds.minX))} × ${formatCount(Math.ceil(bounds.maxY - bounds.minY))} px`,
                },
              ]
            : []),
          { name: 'Sections', value: formatCount(stats.sectionCount) },
          { name: 'Tile size', value: sizesOf(stats) },
          ...(stats.transformCount > 0
            ? [
                {
                  name: 'Shared transforms',
                  value: stats.transformCount,
                  about: 'Lens corrections and such, used by many tiles.',
                },
              ]
            : []),
          ...(named.length > 0 ? [{ name: 'Channels', value: named.join(', ') }] : []),
        ]}
      />
      {facts.versionNotes !== undefined && <p className="muted selectable">{facts.versionNotes}</p>}
      <div className="lineage">
        <span className="muted" id={label}>
          Made in steps
        </span>
        <ol aria-labelledby={label}>
          {lineage.map((step) => (
            <li key={step.stack} title={`Lamella ${step.lamella}`}>
              <span className="mono">v{step.version}</span> {step.madeBy}
              {step.removed && <span className="faint"> (removed)</span>}
            </li>
          ))}
        </ol>
      </div>
    </>
  );
}

function sizesOf({ minTileWidth, maxTileWidth, minTileHeight, maxTileHeight }: StackDescription['stats']): string {
  const side = (least: number, most: number): string => (least === most ? formatCount(most) : `${least}–${most}`);
  return `${side(minTileWidth, maxTileWidth)} × ${side(minTileHeight, maxTileHeight)} px`;
}

function Exchange({ stack }: { readonly stack: StackSummary }): ReactNode {
  const format = useStacks((s) => s.format);
  return (
    <Section title="Other programs">
      <SelectField
        label="Format"
        value={format}
        options={(['render', 'trakem2', 'tiles'] as const).map((value) => ({
          value,
          label: stackFormats[value].label,
        }))}
        onValue={setStackFormat}
      />
      <div className="stack">
        <Button icon={FileOutput} onClick={() => void exportStackAs(stack)}>
          Export this version…
        </Button>
        <Button icon={FileInput} onClick={() => void importStackFile()}>
          Import a new version…
        </Button>
      </div>
    </Section>
  );
}

function Carry({ stack }: { readonly stack: StackSummary }): ReactNode {
  const stacks = useLibrary((s) => s.library?.stacks);
  const volumes = useLibrary((s) => s.library?.volumes);
  const chosen = useStacks((s) => s.carryFrom);
  const left = useStacks((s) => s.left);
  const { from, to } = carryChoices(stack, stacks ?? [], volumes ?? []);
  const source = from.find(({ id }) => id === chosen) ?? from[0];
  if (!source) return null;
  return (
    <Section title="Annotations">
      <SelectField
        label="From"
        value={source.id}
        options={from.map(({ id, name, stack: of }) => ({
          value: id,
          label: `${name}, v${stacks?.find((one) => one.id === of)?.version ?? '?'}`,
        }))}
        onValue={setCarryFrom}
      />
      <Button
        icon={Forward}
        whyNot={to ? null : 'Fuse this version first: annotations lie in its volume'}
        onClick={() => to && void carryHere(source, to)}
      >
        Carry annotations here
      </Button>
      {left.length > 0 && (
        <ul className="reasons" aria-label={`${plural(left.length, 'point')} left behind`}>
          {left.map(({ annotation, name, reason }, k) => (
            <li key={`${annotation}-${k}`}>
              {name === '' ? annotation : name}: {reason}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
