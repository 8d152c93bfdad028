import { Eye, FolderInput, LayoutGrid, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Review, Tile } from '../../../preload/contract/dataset.ts';
import { tileMetricNames } from '../../../preload/contract/dataset.ts';
import { removeDataset } from '../../state/acquire.ts';
import type { BoardFilter, ColourBy, Metric } from '../../state/board.ts';
import { clearFilter, passes, setColourBy, setFilter, setSection, useBoard } from '../../state/board.ts';
import { useLibrary } from '../../state/library.ts';
import { setSession, useSession } from '../../state/session.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { formatBytes, formatCount, formatExtent, plural } from '../../ui/format.ts';
import { Histogram } from '../../ui/histogram.tsx';
import { Section } from '../../ui/section.tsx';
import { Slider } from '../../ui/slider.tsx';
import { ActionButton, ActionIcon } from '../action-button.tsx';
import { metricNames } from './metric-names.ts';

export function BoardNavigator(): ReactNode {
  return (
    <>
      <Datasets />
      <SectionChoice />
      <Look />
      <Filter />
    </>
  );
}

function Datasets(): ReactNode {
  const datasets = useLibrary((s) => s.library?.datasets);
  const current = useSession((s) => s.dataset);
  const chosen = datasets?.find(({ id }) => id === current);
  return (
    <Section
      title="Datasets"
      aside={
        <span className="row">
          <ActionIcon id="acquire.watch" icon={Eye} />
          <ActionButton id="acquire.import" size="small" icon={FolderInput}>
            Import…
          </ActionButton>
        </span>
      }
    >
      <ul className="list">
        {datasets?.map((dataset) => (
          <li key={dataset.id}>
            <button
              type="button"
              className="list-item"
              aria-current={dataset.id === current}
              onClick={() => setSession({ dataset: dataset.id })}
            >
              <span className="truncate">{dataset.name}</span>
              <span className="sub">
                {plural(dataset.tiles, 'tile')} · {plural(dataset.sections, 'section')} · {formatCount(dataset.flagged)}{' '}
                flagged
              </span>
            </button>
          </li>
        ))}
      </ul>
      {chosen && (
        <p className="faint row">
          <span className="truncate" title={chosen.layout}>
            {formatBytes(chosen.bytes)}, {formatExtent(chosen.voxelSizeNm)}
          </span>
          <IconButton
            icon={Trash2}
            iconSize={14}
            label={`Take ${chosen.name} out of the library`}
            hint="Its files stay. Can be undone."
            onClick={() => void removeDataset(chosen.id)}
          />
        </p>
      )}
      {chosen && (
        <ActionButton id="board.view" size="small" icon={LayoutGrid}>
          Look at the tiles in View
        </ActionButton>
      )}
    </Section>
  );
}

function SectionChoice(): ReactNode {
  const sections = useBoard((s) => s.sections);
  const section = useBoard((s) => s.section);
  const at = sections.indexOf(section ?? Number.NaN);
  return (
    <Section
      title="Section"
      aside={<span className="mono">{section === null ? '–' : `${section} (${at + 1} of ${sections.length})`}</span>}
    >
      {sections.length > 1 && (
        <Slider
          label="Section"
          value={Math.max(0, at)}
          min={0}
          max={sections.length - 1}
          valueText={`section ${section}`}
          onValue={(index) => setSection(sections[index] ?? 0)}
        />
      )}
      <div className="row">
        <ActionButton id="board.section.previous" size="small">
          Previous
        </ActionButton>
        <ActionButton id="board.section.next" size="small">
          Next
        </ActionButton>
      </div>
    </Section>
  );
}

const colourChoices: ReadonlyArray<{ readonly value: ColourBy; readonly label: string }> = [
  { value: 'verdict', label: 'Verdict' },
  ...tileMetricNames.map((name) => ({ value: name, label: metricNames[name].title })),
];

function Look(): ReactNode {
  const colourBy = useBoard((s) => s.colourBy);
  return (
    <Section title="Colour">
      <SelectField
        label="Colour the tiles by"
        value={colourBy}
        options={colourChoices}
        hint={colourBy === 'verdict' ? undefined : metricNames[colourBy].about}
        onValue={setColourBy}
      />
      {colourBy !== 'verdict' && <MetricFilter metric={colourBy} />}
    </Section>
  );
}

const bins = 64;

/** How the tiles spread over a metric; its handles leave out what lies beyond them. */
function MetricFilter({ metric }: { readonly metric: Metric }): ReactNode {
  const tiles = useBoard((s) => s.tiles);
  const between = useBoard((s) => s.filter.between);
  const { counts, range } = useMemo(() => spread(tiles ?? [], metric), [tiles, metric]);
  const { title } = metricNames[metric];
  return (
    <Histogram
      label={`${title} of the tiles, log scale; drag the ends to filter`}
      counts={counts}
      range={range}
      window={between?.range ?? range}
      ends={[`Least ${title.toLowerCase()}`, `Most ${title.toLowerCase()}`]}
      onWindow={(window) => setFilter({ between: { metric, range: window } })}
    />
  );
}

function spread(
  tiles: readonly Tile[],
  metric: Metric,
): { counts: readonly number[]; range: readonly [number, number] } {
  const values = tiles.flatMap((tile) => tile.metrics?.[metric] ?? []);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const counts = Array.from({ length: bins }, () => 0);
  if (values.length === 0) return { counts, range: [0, 1] };
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low || 1)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { counts, range: [low, high] };
}

const verdicts: ReadonlyArray<{ readonly value: BoardFilter['verdict']; readonly label: string }> = [
  { value: 'all', label: 'Any verdict' },
  { value: 'flagged', label: 'Flagged: look at it, or bad' },
  { value: 'ok', label: 'Ok' },
  { value: 'warn', label: 'Look at it' },
  { value: 'bad', label: 'Bad' },
];

const reviews: ReadonlyArray<{ readonly value: 'all' | Review; readonly label: string }> = [
  { value: 'all', label: 'Reviewed or not' },
  { value: 'unreviewed', label: 'Not reviewed' },
  { value: 'accepted', label: 'Accepted' },
  { value: 'rejected', label: 'Rejected' },
];

function Filter(): ReactNode {
  const filter = useBoard((s) => s.filter);
  const tiles = useBoard((s) => s.tiles);
  const left = tiles?.filter((tile) => passes(tile, filter)).length ?? 0;
  const filtered = tiles !== null && left !== tiles.length;
  return (
    <Section
      title="Filter"
      aside={<span className="faint mono">{tiles ? `${formatCount(left)} of ${formatCount(tiles.length)}` : ''}</span>}
    >
      <SelectField
        label="Verdict"
        value={filter.verdict}
        options={verdicts}
        onValue={(verdict) => setFilter({ verdict })}
      />
      <SelectField label="Review" value={filter.review} options={reviews} onValue={(review) => setFilter({ review })} />
      <TextField label="Name contains" value={filter.text} onText={(text) => setFilter({ text })} />
      {filtered && (
        <Button size="small" onClick={clearFilter}>
          Show all tiles
        </Button>
      )}
    </Section>
  );
}
