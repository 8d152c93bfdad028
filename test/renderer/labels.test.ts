import { beforeEach, expect, test } from 'vitest';
import { labelIdOf } from '../../renderer/state/label-ids.ts';
import { updateLayer } from '../../renderer/state/layer-edits.ts';
import {
  clearLabels,
  colourLabel,
  colourLabels,
  labelUnderPointer,
  labelsInView,
  newColours,
  selectLabels,
  showSelectedOnly,
  toggleLabel,
  type LabelLayer,
} from '../../renderer/state/labels.ts';
import { segmentationLayer } from '../../renderer/state/layers.ts';
import { setView, useView } from '../../renderer/state/view.ts';
import { layerSchema } from '../../preload/contract/view-state.ts';
import { thinVolume } from './volume.ts';

const volume = { ...thinVolume(), kind: 'segmentation' as const };
const huge = '18446744073709551615';

beforeEach(() =>
  setView({
    volumes: [volume],
    layers: [segmentationLayer(volume, 'below'), segmentationLayer(volume, 'above')],
    selectedLayer: null,
  }),
);

const layerOf = (id: string): LabelLayer => useView.getState().layers.find((layer) => layer.id === id) as LabelLayer;

test('the labels that tools mean are the selected layer, else the top one that is shown', () => {
  expect(labelsInView(useView.getState())?.id).toBe('above');
  updateLayer('above', { visible: false });
  expect(labelsInView(useView.getState())?.id).toBe('below');
  setView({ selectedLayer: 'above' });
  expect(labelsInView(useView.getState())?.id).toBe('above');
  setView({ layers: [] });
  expect(labelsInView(useView.getState())).toBeNull();
  toggleLabel('5');
});

test('labels are selected and deselected; background and what is no id never', () => {
  for (const id of ['5', huge, '0', 'x', '18446744073709551616', '-1', '007']) toggleLabel(id);
  expect(layerOf('above').selected).toEqual(['5', huge, '7']);
  toggleLabel('5');
  expect(layerOf('above').selected).toEqual([huge, '7']);
  selectLabels(['7', '8', 'nothing', '8'], 'above');
  expect(layerOf('above').selected).toEqual([huge, '7', '8']);
  expect(layerOf('below').selected).toEqual([]);
  clearLabels();
  expect(layerOf('above').selected).toEqual([]);
});

test('the label under the pointer is that of the selected layer, else of the top one; never background', () => {
  const point = (readings: Readonly<Record<string, string | number | null>>): void =>
    setView({
      cursor: {
        positionNm: [0, 0, 0],
        pane: 'xy',
        readings: Object.entries(readings).map(([layer, stored]) => ({ layer, stored, exact: null })),
      },
    });
  point({ grey: 7, above: '5', below: '6' });
  expect(labelUnderPointer()).toEqual({ id: '5', layer: 'above' });
  setView({ selectedLayer: 'below' });
  expect(labelUnderPointer()).toEqual({ id: '6', layer: 'below' });
  point({ above: '0', below: '0' });
  expect(labelUnderPointer()).toBeNull();
  point({ grey: 7, above: null });
  expect(labelUnderPointer()).toBeNull();
  setView({ cursor: null });
  expect(labelUnderPointer()).toBeNull();
});

test('a layer holds no more labels than its document may', () => {
  selectLabels(Array.from({ length: 100_010 }, (_, i) => String(i + 1)));
  toggleLabel('200000');
  const { selected } = layerOf('above');
  expect([selected.length, selected.at(-1)]).toEqual([100_000, '100000']);
  expect(layerSchema.safeParse(layerOf('above')).success).toBe(true);
});

test('colours of all labels change together, and of one alone', () => {
  newColours();
  expect(layerOf('above').colourSeed).toBe(1);
  colourLabel('5', '#112233');
  colourLabels({ '6': '#445566' });
  expect(layerOf('above').colours).toEqual({ '5': '#112233', '6': '#445566' });
  colourLabel('5', null);
  expect(layerOf('above').colours).toEqual({ '6': '#445566' });
  updateLayer('above', { colourSeed: 0xffff_ffff });
  newColours();
  expect(layerOf('above').colourSeed).toBe(0);
});

test('the selected labels are shown alone, or all', () => {
  showSelectedOnly(true);
  expect(layerOf('above').shows).toBe('selected');
  showSelectedOnly(false, 'above');
  expect(layerOf('above').shows).toBe('all');
});

test('ids are written without zeros before them', () => {
  expect(['007', '0', '', '1e3', huge].map(labelIdOf)).toEqual(['7', null, null, null, huge]);
});
