import { Eye } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useView } from '../../state/view.ts';
import { SearchField } from '../../ui/field.tsx';
import { formatCount } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { AddLayer } from './add-layer.tsx';
import { LayerList } from './layer-list.tsx';
import './layers.css';

/** From so many layers on they can be searched. */
const filterFrom = 8;

/** Everything that the view draws, top first. */
export function LayersSection(): ReactNode {
  const layers = useView((s) => s.layers);
  const [text, setText] = useState('');
  const [shownOnly, setShownOnly] = useState(false);
  const filters = layers.length >= filterFrom;
  const wanted = filters ? text.trim().toLowerCase() : '';
  const listed = layers
    .toReversed()
    .filter(({ visible }) => visible || !(filters && shownOnly))
    .filter(({ name, type }) => `${name} ${type}`.toLowerCase().includes(wanted));
  const shown = layers.filter(({ visible }) => visible).length;
  return (
    <Section
      title="Layers"
      aside={
        <span className="section-tools">
          <span className="faint mono">{formatCount(layers.length)}</span>
          <AddLayer />
        </span>
      }
    >
      {filters && (
        <div className="layer-filter">
          <SearchField label="Find a layer" value={text} onText={setText} />
          <ShownOnly shown={shown} of={layers.length} on={shownOnly} onToggle={() => setShownOnly(!shownOnly)} />
        </div>
      )}
      {layers.length === 0 && <p className="muted">Nothing is shown. Add a volume of the library, or drop a file.</p>}
      {layers.length > 0 && listed.length === 0 && (
        <p className="muted">{wanted === '' ? 'No layer is shown.' : 'No layer is called that.'}</p>
      )}
      <LayerList layers={listed} all={layers} />
    </Section>
  );
}

interface ShownOnlyProps {
  readonly shown: number;
  readonly of: number;
  readonly on: boolean;
  readonly onToggle: () => void;
}

function ShownOnly({ shown, of, on, onToggle }: ShownOnlyProps): ReactNode {
  const words = `List only what is shown: ${formatCount(shown)} of ${formatCount(of)}`;
  return (
    <Tooltip text={words}>
      <button type="button" className="button" aria-pressed={on} aria-label={words} onClick={onToggle}>
        <Eye size={14} aria-hidden />
        <span className="mono">{formatCount(shown)}</span>
      </button>
    </Tooltip>
  );
}
