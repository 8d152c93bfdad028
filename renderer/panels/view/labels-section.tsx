import { BookOpenText, Palette, X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { NamedLabel } from '../../../preload/contract/label.ts';
import { selectFound, useLabelSearch } from '../../state/label-names.ts';
import { labelIdOf } from '../../state/label-ids.ts';
import { clearLabels, showSelectedOnly, toggleLabel } from '../../state/labels.ts';
import type { LabelLayer } from '../../state/labels.ts';
import { chooseLegend, removeLegend, takeColours, useLegend } from '../../state/legends.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { formatCount } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { colourOf, SelectedLabels } from './label-list.tsx';
import './labels.css';

interface OfLayer {
  readonly layer: LabelLayer;
}

/** The labels of a layer: found by id or name, selected, alone or among the others. */
export function LabelsSection({ layer }: OfLayer): ReactNode {
  const { id, selected, shows } = layer;
  return (
    <Section
      title="Labels"
      aside={
        selected.length > 0 && (
          <Button size="small" tone="quiet" onClick={() => clearLabels(id)}>
            Clear {formatCount(selected.length)}
          </Button>
        )
      }
    >
      <Search layer={layer} />
      <label className="check">
        <input
          type="checkbox"
          checked={shows === 'selected'}
          onChange={() => showSelectedOnly(shows !== 'selected', id)}
        />
        Only the selected ones
      </label>
      {selected.length === 0 ? (
        <p className="muted">
          {shows === 'selected' ? 'None is selected, so none is drawn. ' : ''}Double-click a label in a pane to select
          it.
        </p>
      ) : (
        <SelectedLabels layer={layer} />
      )}
      <Names layer={layer} />
    </Section>
  );
}

/** Whose names labels have, and the ways to give, to colour by and to take off a table of them. */
function Names({ layer }: OfLayer): ReactNode {
  const legend = useLegend(layer.volume);
  const named = legend !== null && legend.labels > 0;
  const table = legend?.table ?? null;
  return (
    <div className="label-names">
      {named && (
        <p className="faint" aria-label="Names of labels">
          {formatCount(legend.labels)} named {table === null ? 'by the dataset' : `by ${table}`}
        </p>
      )}
      <div className="row">
        <Button size="small" icon={BookOpenText} onClick={() => void chooseLegend(layer)}>
          {table === null ? 'Names from a table…' : 'Another table…'}
        </Button>
        {named && (
          <Button size="small" icon={Palette} onClick={() => void takeColours(layer)}>
            {table === null ? 'Its colours' : 'The table’s colours'}
          </Button>
        )}
        {table !== null && (
          <Button size="small" tone="quiet" icon={X} onClick={() => void removeLegend(layer, table)}>
            Take names off
          </Button>
        )}
      </div>
    </div>
  );
}

function Search({ layer }: OfLayer): ReactNode {
  const [text, setText] = useState('');
  const find = text.trim();
  const { found, problem } = useLabelSearch(layer.volume, find);
  return (
    <>
      <TextField
        label="Find by id or name"
        value={text}
        maxLength={200}
        onText={setText}
        onKeyDown={(event) => event.key === 'Enter' && find !== '' && void selectFound(layer, find)}
      />
      {problem !== '' && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {find !== '' && found && <Found layer={layer} find={find} labels={found.labels} total={found.total} />}
    </>
  );
}

interface FoundProps extends OfLayer {
  readonly find: string;
  readonly labels: readonly NamedLabel[];
  readonly total: number;
}

/** An id need not have a name to be selected. */
function Found({ layer, find, labels, total }: FoundProps): ReactNode {
  const asked = labelIdOf(find);
  const chosen = new Set(layer.selected);
  const unnamed = asked !== null && !labels.some(({ id }) => id === asked);
  const rows = unnamed ? [{ id: asked, name: '', about: '', colour: null }, ...labels] : labels;
  if (rows.length === 0) return <p className="muted">No label is called that.</p>;
  return (
    <>
      <ul className="label-finds" aria-label="Labels found">
        {rows.map((label) => (
          <li key={label.id}>
            <label className="check" title={[label.name, label.about].filter(Boolean).join(' · ')}>
              <input type="checkbox" checked={chosen.has(label.id)} onChange={() => toggleLabel(label.id, layer.id)} />
              <span className="swatch" style={{ background: colourOf(layer, label.id) }} aria-hidden />
              {label.name !== '' && <span className="truncate">{label.name}</span>}
              <span className="faint mono">{label.id}</span>
            </label>
          </li>
        ))}
      </ul>
      {total > labels.length && (
        <p className="faint">
          The first {formatCount(labels.length)} of {formatCount(total)}.
        </p>
      )}
    </>
  );
}
