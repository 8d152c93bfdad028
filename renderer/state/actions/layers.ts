import type { Layer } from '../../../preload/contract/view-state.ts';
import { duplicateLayer, overlayNextSection, raiseLayer, selectLayer, soloLayer, toggleLayer } from '../layer-edits.ts';
import { askForShapes, chooseShapes } from '../shape-draft.ts';
import { removeWithUndo } from '../view-history.ts';
import { imageInView, selectedLayer, useView } from '../view.ts';
import { needsLayer, panes } from './panes.ts';
import type { Action } from './registry.ts';

const get = useView.getState;
const needsSelected = (): string | null => needsLayer() ?? (selectedLayer(get()) ? null : 'Select a layer first');

interface OfLayer {
  readonly keys?: readonly string[];
  readonly menu?: Action['menu'];
  readonly whyNot?: () => string | null;
}

/** Something that is done with the selected layer. */
const ofLayer = (id: string, title: string, run: (layer: Layer) => void, more: OfLayer = {}): Action => ({
  id: `layer.${id}`,
  title,
  menu: more.menu ?? 'View',
  unlisted: true,
  rooms: panes,
  ...(more.keys && { keys: more.keys }),
  whyNot: more.whyNot ?? needsSelected,
  run: () => {
    const layer = selectedLayer(get());
    if (layer) run(layer);
  },
});

/** Selects the layer above (1) or below (-1). */
function selectBeside(by: 1 | -1): void {
  const { layers } = get();
  const at = layers.findIndex(({ id }) => id === selectedLayer(get())?.id);
  selectLayer((layers[at + by] ?? layers[at])?.id ?? null);
}

export const layerActions: readonly Action[] = [
  ofLayer('toggle', 'Show or hide the layer', ({ id }) => toggleLayer(id), { keys: ['v'] }),
  ofLayer('solo', 'Show the layer alone, or all again', ({ id }) => soloLayer(id), { keys: ['Shift+v'] }),
  ofLayer('duplicate', 'Duplicate the layer', ({ id }) => duplicateLayer(id)),
  ofLayer('up', 'Move the layer up', ({ id }) => raiseLayer(id, 1)),
  ofLayer('down', 'Move the layer down', ({ id }) => raiseLayer(id, -1)),
  ofLayer('above', 'Select the layer above', () => selectBeside(1)),
  ofLayer('below', 'Select the layer below', () => selectBeside(-1)),
  ofLayer('overlay', 'Overlay the next section, magenta and green', ({ id }) => overlayNextSection(id), {
    whyNot: () => needsSelected() ?? (imageInView(get()) ? null : 'Select an image layer first'),
  }),
  ofLayer('remove', 'Remove the layer from the view', ({ id }) => removeWithUndo(id), { menu: 'Edit' }),
  {
    id: 'shape.add',
    title: 'Add a mesh or skeleton…',
    menu: 'File',
    run: askForShapes,
  },
  {
    id: 'shape.add.file',
    title: 'Add meshes or skeletons from a file…',
    menu: 'File',
    rooms: panes,
    run: () => void chooseShapes('file'),
  },
  {
    id: 'shape.add.folder',
    title: 'Add meshes or skeletons from a folder…',
    menu: 'File',
    rooms: panes,
    run: () => void chooseShapes('folder'),
  },
];
