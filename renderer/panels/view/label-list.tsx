import { useVirtualizer } from '@tanstack/react-virtual';
import { RotateCcw, X } from 'lucide-react';
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { useLabelName } from '../../state/label-names.ts';
import { colourLabel, toggleLabel, type LabelLayer } from '../../state/labels.ts';
import { IconButton } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { hexOf, labelColour } from '../../ui/label-colours.ts';
import { remPx } from '../../ui/rem.ts';

const rowRem = 2.3;

/** The selected labels of a layer: only those in sight are drawn, so that there may be 100,000. */
export function SelectedLabels({ layer }: { readonly layer: LabelLayer }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const { selected } = layer;
  const virtual = useVirtualizer({
    count: selected.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowRem * remPx(),
    getItemKey: (index) => selected[index] ?? index,
    overscan: 6,
  });
  return (
    <div ref={frame} className="label-list">
      <ul aria-label="Selected labels" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => (
          <li
            key={key}
            aria-posinset={index + 1}
            aria-setsize={selected.length}
            style={{ transform: `translateY(${start}px)`, height: `${rowRem}rem` }}
          >
            <SelectedLabel layer={layer} id={selected[index] ?? ''} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The colour that a label of a layer is drawn in. */
export const colourOf = ({ colours, colourSeed }: LabelLayer, id: string): string =>
  colours[id] ?? hexOf(labelColour(id, colourSeed));

function SelectedLabel({ layer, id }: { readonly layer: LabelLayer; readonly id: string }): ReactNode {
  const named = useLabelName(layer.volume, id);
  const name = named?.name ?? '';
  return (
    <div className="label-row">
      <input
        type="color"
        className="label-colour"
        aria-label={`Colour of label ${id}`}
        value={colourOf(layer, id)}
        onChange={(event) => colourLabel(id, event.target.value, layer.id)}
      />
      {name !== '' && (
        <span className="label-name truncate" title={[name, named?.about].filter(Boolean).join(' · ')}>
          {name}
        </span>
      )}
      <Copyable text={id} label={`label ${id}`} />
      {layer.colours[id] !== undefined && (
        <IconButton
          icon={RotateCcw}
          iconSize={13}
          label={`Colour of label ${id} by its id again`}
          onClick={() => colourLabel(id, null, layer.id)}
        />
      )}
      <IconButton icon={X} iconSize={14} label={`Deselect ${id}`} onClick={() => toggleLabel(id, layer.id)} />
    </div>
  );
}
