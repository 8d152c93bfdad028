import { Download, Trash2, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { OpenResult, Plot, Sides } from '../../../state/region-results.ts';
import {
  changeResult,
  choosePlot,
  closeResult,
  exportResult,
  openResult,
  removeResult,
  useRegionResults,
} from '../../../state/region-results.ts';
import { measuresOf, measureTitle } from '../../../state/region-numbers.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { SelectField } from '../../../ui/field.tsx';
import { formatCount, formatLength, formatPercent } from '../../../ui/format.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { ResultsBars } from './results-bars.tsx';
import { ResultsMap } from './results-map.tsx';
import { ResultsTable } from './results-table.tsx';
import { ResultsTreeMap } from './results-tree-map.tsx';
import './results.css';
import './results-map.css';

const plots: ReadonlyArray<{ readonly value: Plot; readonly label: string }> = [
  { value: 'table', label: 'Table' },
  { value: 'bars', label: 'Bars' },
  { value: 'tree-map', label: 'Tree-map' },
  { value: 'map', label: 'Map' },
];

const sides: ReadonlyArray<{ readonly value: Sides; readonly label: string; readonly title: string }> = [
  { value: 'both', label: 'Both', title: 'Both hemispheres together' },
  { value: 'left', label: 'Left', title: 'The left hemisphere' },
  { value: 'right', label: 'Right', title: 'The right hemisphere' },
  { value: 'compare', label: 'Compare', title: 'Left beside right' },
];

/** What was measured by region, below the panes: a table with the tree, bars, areas, and the atlas in colours. */
export function RegionResults(): ReactNode {
  const open = useRegionResults((s) => s.open);
  const plot = useRegionResults((s) => s.plot);
  if (!open) return null;
  return (
    <section className="results" aria-label="Results by region">
      <header className="results-head">
        <Which open={open} />
        <Segmented label="Shown as" value={plot} options={plots} onValue={choosePlot} />
        {open.result.hemispheres && (
          <Segmented
            label="Hemispheres"
            value={open.sides}
            options={sides}
            onValue={(value) => changeResult({ sides: value })}
          />
        )}
        <What open={open} plot={plot} />
        <span className="results-tools">
          <Button size="small" icon={Download} onClick={() => void exportResult(open.result)}>
            Export
          </Button>
          <IconButton
            icon={Trash2}
            iconSize={14}
            label={`Take ${open.result.name} out of the library`}
            onClick={() => void removeResult(open.result)}
          />
          <IconButton icon={X} iconSize={14} label="Close the results" onClick={closeResult} />
        </span>
      </header>
      {plot === 'table' && <ResultsTable open={open} />}
      {plot === 'bars' && <ResultsBars open={open} />}
      {plot === 'tree-map' && <ResultsTreeMap open={open} />}
      {plot === 'map' && <ResultsMap open={open} />}
      <Foot open={open} />
    </section>
  );
}

interface OfResult {
  readonly open: OpenResult;
}

function Which({ open: { result } }: OfResult): ReactNode {
  const results = useRegionResults((s) => s.results);
  if (results.length < 2)
    return (
      <h3 className="truncate" title={result.name}>
        {result.name}
      </h3>
    );
  const options = results.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <span className="beside results-which">
      <SelectField label="Result" value={result.id} options={options} onValue={(id) => void openResult(id)} />
    </span>
  );
}

/** The measure of plots; of the table, whether numbers are with the regions inside. */
function What({ open, plot }: OfResult & { readonly plot: Plot }): ReactNode {
  const options = measuresOf(open.result).map((measure) => ({ value: measure, label: measureTitle(measure) }));
  return (
    <>
      {(plot !== 'table' || open.sides === 'compare') && (
        <span className="beside results-measure">
          <SelectField
            label="Of"
            value={open.measure}
            options={options}
            onValue={(measure) => changeResult({ measure })}
          />
        </span>
      )}
      {plot === 'table' && (
        <label className="check">
          <input type="checkbox" checked={open.inside} onChange={() => changeResult({ inside: !open.inside })} />
          With the regions inside
        </label>
      )}
    </>
  );
}

/** What the numbers stand on. */
function Foot({ open: { result } }: OfResult): ReactNode {
  const { total, inRegions, unit, voxelSizeNm, unread } = result;
  const share = total === 0 ? 0 : inRegions / total;
  return (
    <p className="results-foot faint">
      <span>
        {formatCount(inRegions)} of {formatCount(total)} {unit} in regions ({formatPercent(share)})
      </span>
      <span>voxels of {voxelSizeNm.map(formatLength).join(' × ')}</span>
      {unread > 0 && (
        <span className="results-warn">{formatCount(unread)} blocks could not be read: what is in them is missing</span>
      )}
    </p>
  );
}
