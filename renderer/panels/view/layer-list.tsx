import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { DragEvent, ReactNode, RefObject } from 'react';
import type { Layer } from '../../../preload/contract/view-state.ts';
import { moveLayer, selectLayer } from '../../state/layer-edits.ts';
import type { LayerRowOf } from '../../state/layer-groups.ts';
import { groupHolding, nextRow, rowsOf } from '../../state/layer-groups.ts';
import { placeAt, placeBeside } from '../../state/layer-order.ts';
import { useView } from '../../state/view.ts';
import { useVirtualRows } from '../../ui/virtual-rows.ts';
import { LayerGroupRow } from './layer-group-row.tsx';
import { LayerRow } from './layer-row.tsx';

interface LayerListProps {
  /** Top first. */
  readonly layers: readonly Layer[];
  /** Bottom first, as the document has them. */
  readonly all: readonly Layer[];
}

const rowRem = 2.3;
const keyOf = ({ key }: LayerRowOf): string => key;

/** The layers that are listed, top first: only rows in sight are made, so that there may be hundreds. */
export function LayerList({ layers: listed, all }: LayerListProps): ReactNode {
  const selected = useView((s) => s.selectedLayer);
  const [folded, fold] = useFolds(listed, selected);
  const rows = rowsOf(listed, folded);
  const layers = rows.flatMap((row) => (row.kind === 'layer' ? [row.layer] : []));
  const { frame, virtual, inSight } = useVirtualRows(rows, keyOf, rowRem);
  useSelectedInSight(virtual, rows, selected);
  const { edgeOf, ...drag } = useLayerDrag(layers, all);
  const go = useRowKeys(frame, virtual, rows);
  const reachable = layers.find(({ id }) => id === selected) ?? layers[0];
  return (
    <div ref={frame} className="layer-list" onDragEnd={drag.end}>
      <ul aria-label="Layers" style={{ height: virtual.getTotalSize() }}>
        {inSight.map(({ row, index, key, place }) => {
          if (row.kind === 'group')
            return (
              <li key={key} {...place}>
                <LayerGroupRow
                  row={row}
                  selected={selected}
                  onFold={(folds) => fold(row.group.volume, folds)}
                  onMove={(pressed) => go(pressed, index)}
                />
              </li>
            );
          const { layer, inGroup } = row;
          const at = layers.indexOf(layer);
          // Dragging has a keyboard way: Alt with the arrows, on the layer's own button.
          // oxlint-disable jsx-a11y/no-noninteractive-element-interactions
          return (
            <li
              key={key}
              {...place}
              className={edgeOf(at)}
              aria-posinset={at + 1}
              aria-setsize={layers.length}
              onDragOver={(event) => drag.over(event, at)}
              onDrop={drag.drop}
            >
              <LayerRow
                layer={layer}
                inGroup={inGroup}
                selected={layer.id === selected}
                reachable={layer === reachable}
                onMove={(pressed) => go(pressed, index)}
                onRaise={(by) => moveLayer(layer.id, placeBeside(layers, all, layer.id, by))}
                onDragStart={(event) => drag.start(event, layer.id)}
              />
            </li>
          );
          // oxlint-enable jsx-a11y/no-noninteractive-element-interactions
        })}
      </ul>
    </div>
  );
}

type Fold = (volume: string, folds: boolean) => void;

/** Which volumes are folded. The group of a layer opens when the layer is selected; it may be folded again. */
function useFolds(layers: readonly Layer[], selected: string | null): readonly [ReadonlySet<string>, Fold] {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const fold: Fold = (volume, folds) =>
    setFolded((now) => new Set([...[...now].filter((one) => one !== volume), ...(folds ? [volume] : [])]));
  const [opened, setOpened] = useState(selected);
  if (opened !== selected) {
    setOpened(selected);
    const holding = groupHolding(layers, selected);
    if (holding !== null && folded.has(holding)) fold(holding, false);
  }
  return [folded, fold];
}

type Rows = Virtualizer<HTMLDivElement, Element>;

const rowOf = (rows: readonly LayerRowOf[], id: string | null): number =>
  rows.findIndex((row) => row.kind === 'layer' && row.layer.id === id);

function useSelectedInSight(virtual: Rows, rows: readonly LayerRowOf[], selected: string | null): void {
  const at = rowOf(rows, selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
}

/** Arrows go from row to row, groups among them; a layer is selected, a group only takes the focus. */
function useRowKeys(
  frame: RefObject<HTMLDivElement | null>,
  virtual: Rows,
  rows: readonly LayerRowOf[],
): (key: string, from: number) => void {
  return (key, from) => {
    const to = nextRow(key, from, rows.length);
    const row = rows[to];
    if (!row) return;
    if (row.kind === 'layer') selectLayer(row.layer.id);
    virtual.scrollToIndex(to, { align: 'auto' });
    requestAnimationFrame(() =>
      frame.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.key)}"]`)?.focus(),
    );
  };
}

interface LayerDrag {
  readonly start: (event: DragEvent, id: string) => void;
  readonly over: (event: DragEvent, index: number) => void;
  readonly drop: () => void;
  readonly end: () => void;
  readonly edgeOf: (index: number) => string;
}

/** Dragging a layer to a gap between those that are listed. */
function useLayerDrag(layers: readonly Layer[], all: readonly Layer[]): LayerDrag {
  const [gap, setGap] = useState<number | null>(null);
  const dragged = useRef<string | null>(null);
  return {
    start: (event, id) => {
      dragged.current = id;
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('application/x-lamella-layer', id);
    },
    over: (event, index) => {
      if (dragged.current === null) return;
      event.preventDefault();
      const box = event.currentTarget.getBoundingClientRect();
      setGap(event.clientY > box.top + box.height / 2 ? index + 1 : index);
    },
    drop: () => {
      if (dragged.current !== null && gap !== null)
        moveLayer(dragged.current, placeAt(layers, all, dragged.current, gap));
      dragged.current = null;
      setGap(null);
    },
    end: () => setGap(null),
    edgeOf: (index) =>
      gap === index ? 'drop-above' : gap === index + 1 && index === layers.length - 1 ? 'drop-below' : '',
  };
}
