import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { DragEvent, ReactNode } from 'react';
import type { Layer } from '../../../preload/contract/view-state.ts';
import { moveLayer, selectLayer } from '../../state/layer-edits.ts';
import { rowsOf } from '../../state/layer-groups.ts';
import { placeAt } from '../../state/layer-order.ts';
import { useView } from '../../state/view.ts';
import { TextField } from '../../ui/field.tsx';
import { remPx } from '../../ui/rem.ts';
import { Section } from '../../ui/section.tsx';
import { AddLayer } from './add-layer.tsx';
import { LayerGroupRow } from './layer-group-row.tsx';
import { LayerRow } from './layer-row.tsx';
import './layers.css';

/** From so many layers on they can be searched. */
const filterFrom = 8;

/** Everything that the view draws, top first. */
export function LayersSection(): ReactNode {
  const layers = useView((s) => s.layers);
  const [text, setText] = useState('');
  const filters = layers.length >= filterFrom;
  const wanted = filters ? text.trim().toLowerCase() : '';
  const shown = layers.toReversed().filter(({ name, type }) => `${name} ${type}`.toLowerCase().includes(wanted));
  return (
    <Section
      title="Layers"
      aside={
        <span className="section-tools">
          <span className="faint mono">{layers.length}</span>
          <AddLayer />
        </span>
      }
    >
      {filters && <TextField label="Find a layer" value={text} onText={setText} />}
      {layers.length === 0 && <p className="muted">Nothing is shown. Add a volume of the library, or drop a file.</p>}
      {layers.length > 0 && shown.length === 0 && <p className="muted">No layer is called that.</p>}
      <LayerList layers={shown} all={layers} />
    </Section>
  );
}

const rowRem = 2.3;

interface LayerListProps {
  /** Top first. */
  readonly layers: readonly Layer[];
  /** Bottom first, as the document has them. */
  readonly all: readonly Layer[];
}

function LayerList({ layers: listed, all }: LayerListProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const selected = useView((s) => s.selectedLayer);
  const [gap, setGap] = useState<number | null>(null);
  const dragged = useRef<string | null>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = rowsOf(listed, folded);
  const layers = rows.flatMap((row) => (row.kind === 'layer' ? [row.layer] : []));
  const rowOf = (id: string | null): number => rows.findIndex((row) => row.kind === 'layer' && row.layer.id === id);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowRem * remPx(),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
  });
  const at = layers.findIndex(({ id }) => id === selected);
  const selectedRow = rowOf(selected);
  useEffect(() => {
    if (selectedRow >= 0) virtual.scrollToIndex(selectedRow, { align: 'auto' });
  }, [selectedRow, virtual]);
  const fold = (volume: string): void =>
    setFolded((now) =>
      now.has(volume) ? new Set([...now].filter((one) => one !== volume)) : new Set([...now, volume]),
    );
  const move = (key: string, from: number): void => {
    const to = nextIndex(key, from, layers.length);
    const layer = layers[to];
    if (!layer) return;
    selectLayer(layer.id);
    virtual.scrollToIndex(rowOf(layer.id), { align: 'auto' });
    requestAnimationFrame(() => buttonOf(frame.current, layer.id)?.focus());
  };
  const over = (event: DragEvent, index: number): void => {
    if (dragged.current === null) return;
    event.preventDefault();
    const box = event.currentTarget.getBoundingClientRect();
    setGap(event.clientY > box.top + box.height / 2 ? index + 1 : index);
  };
  const drop = (): void => {
    if (dragged.current !== null && gap !== null)
      moveLayer(dragged.current, placeAt(layers, all, dragged.current, gap));
    dragged.current = null;
    setGap(null);
  };
  return (
    <div ref={frame} className="layer-list" onDragEnd={() => setGap(null)}>
      <ul aria-label="Layers" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index: rowIndex, start, key }) => {
          const row = rows[rowIndex];
          if (!row) return null;
          const place = { ref: virtual.measureElement, 'data-index': rowIndex };
          const style = { transform: `translateY(${start}px)` };
          if (row.kind === 'group')
            return (
              <li key={key} {...place} style={style}>
                <LayerGroupRow group={row.group} folded={row.folded} onFold={() => fold(row.group.volume)} />
              </li>
            );
          const { layer, inGroup } = row;
          const index = layers.indexOf(layer);
          const edge =
            gap === index ? 'drop-above' : gap === index + 1 && index === layers.length - 1 ? 'drop-below' : '';
          // Dragging has a keyboard way: Alt with the arrows, on the layer's own button.
          // oxlint-disable jsx-a11y/no-noninteractive-element-interactions
          return (
            <li
              key={key}
              {...place}
              className={edge}
              aria-posinset={index + 1}
              aria-setsize={layers.length}
              style={style}
              onDragOver={(event) => over(event, index)}
              onDrop={drop}
            >
              <LayerRow
                layer={layer}
                inGroup={inGroup}
                selected={layer.id === selected}
                reachable={index === Math.max(0, at)}
                onMove={(pressed) => move(pressed, index)}
                onDragStart={(event) => {
                  dragged.current = layer.id;
                  event.dataTransfer.effectAllowed = 'move';
                  event.dataTransfer.setData('application/x-lamella-layer', layer.id);
                }}
              />
            </li>
          );
          // oxlint-enable jsx-a11y/no-noninteractive-element-interactions
        })}
      </ul>
    </div>
  );
}

const buttonOf = (frame: HTMLElement | null, id: string): HTMLElement | null =>
  frame?.querySelector<HTMLElement>(`[data-layer="${CSS.escape(id)}"]`) ?? null;

function nextIndex(key: string, at: number, count: number): number {
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return Math.max(0, Math.min(count - 1, at + (key === 'ArrowDown' ? 1 : -1)));
}
