import { useState } from 'react';
import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { followedBy } from '../../state/drawn-layers.ts';
import { selectLayer, updateLayer } from '../../state/layer-edits.ts';
import { useShapeKeys } from '../../state/shape-keys.ts';
import { useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { formatCount } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';

interface ShownProps {
  readonly layer: LayerOf<'mesh'> | LayerOf<'skeleton'>;
}

/** Which shapes of a set are drawn: those of labels that are selected, all of them, or those that are ticked. */
export function ShownShapes({ layer }: ShownProps): ReactNode {
  const labels = useView((s) => followedBy(layer, s.layers));
  if (!labels) return <Choice layer={layer} />;
  return (
    <Section title="Shapes" aside={<span className="faint mono">{formatCount(labels.selected.length)}</span>}>
      <p className="muted">Those of the labels that are selected in {labels.name}, in their colours.</p>
      <div className="row">
        <Button size="small" onClick={() => selectLayer(labels.id)}>
          Select labels
        </Button>
        <Button
          size="small"
          tone="quiet"
          onClick={() => updateLayer(layer.id, { follows: null, shown: [...labels.selected] })}
        >
          Choose here instead
        </Button>
      </div>
    </Section>
  );
}

function Choice({ layer }: ShownProps): ReactNode {
  const [text, setText] = useState('');
  const { found, problem } = useShapeKeys(layer.shape, text.trim());
  const put = (shown: readonly string[] | null): void =>
    updateLayer(layer.id, { shown: shown === null ? null : [...shown] });
  return (
    <Section
      title="Shapes"
      aside={
        <span className="faint mono">
          {layer.shown === null ? 'all' : formatCount(layer.shown.length)}
          {found && ` of ${formatCount(found.total)}`}
        </span>
      }
    >
      <label className="check">
        <input type="checkbox" checked={layer.shown === null} onChange={() => put(layer.shown === null ? [] : null)} />
        All of them
      </label>
      <TextField label="Find by id or name" value={text} onText={setText} />
      {problem !== '' && <p className="problem">{problem}</p>}
      {found?.keys.length === 0 && <ById text={text.trim()} shown={layer.shown ?? []} onShown={put} />}
      <ul className="key-list" aria-label="Shapes">
        {found?.keys.map(({ key, name }) => (
          <li key={key}>
            <label className="check">
              <input
                type="checkbox"
                checked={layer.shown?.includes(key) ?? true}
                onChange={() => put(toggled(layer.shown ?? found.keys.map((one) => one.key), key))}
              />
              <span className="mono">{key}</span>
              {name !== key && <span className="faint truncate">{name}</span>}
            </label>
          </li>
        ))}
      </ul>
      {found && found.total > found.keys.length && (
        <p className="faint">The first {formatCount(found.keys.length)}. Search for the others.</p>
      )}
    </Section>
  );
}

const toggled = (keys: readonly string[], key: string): readonly string[] =>
  keys.includes(key) ? keys.filter((one) => one !== key) : [...keys, key];

interface ByIdProps {
  readonly text: string;
  readonly shown: readonly string[];
  readonly onShown: (shown: readonly string[]) => void;
}

/** A source that does not list its shapes is asked for them by id. */
function ById({ text, shown, onShown }: ByIdProps): ReactNode {
  if (!/^\d{1,20}$/.test(text) || shown.includes(text)) return <p className="muted">Nothing has that id or name.</p>;
  return (
    <button type="button" className="button" onClick={() => onShown([...shown, text])}>
      Show {text}
    </button>
  );
}
