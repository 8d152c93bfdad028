import { askForAtlas } from '../atlas-draft.ts';
import { chosenAtlas, layersOfAtlas, useAtlases } from '../atlases.ts';
import { askToMeasure, whyNoMeasure } from '../region-measure.ts';
import { colourAsAtlas, showAllRegions, showAnnotation } from '../region-looks.ts';
import { useView } from '../view.ts';
import { needsLibrary } from './everywhere.ts';
import type { Action } from './registry.ts';

const view = ['view'] as const;
const chosen = () => chosenAtlas(useAtlases.getState());
const needsAtlas = (): string | null => (chosen() ? null : 'Import an atlas first');
const needsAnnotation = (): string | null => {
  const atlas = chosen();
  if (!atlas) return needsAtlas();
  return layersOfAtlas(atlas, useView.getState()).length > 0 ? null : 'Show the annotation of the atlas first';
};

type Known = NonNullable<ReturnType<typeof chosen>>;

const ofAtlas = (id: string, title: string, whyNot: () => string | null, run: (atlas: Known) => void): Action => ({
  id: `atlas.${id}`,
  title,
  menu: 'View',
  rooms: view,
  unlisted: true,
  whyNot,
  run: () => {
    const atlas = chosen();
    if (atlas) run(atlas);
  },
});

export const atlasActions: readonly Action[] = [
  { id: 'atlas.import', title: 'Import an atlas…', menu: 'File', whyNot: needsLibrary, run: () => askForAtlas() },
  {
    id: 'atlas.measure',
    title: 'Measure by region…',
    menu: 'Tools',
    rooms: view,
    whyNot: whyNoMeasure,
    run: () => askToMeasure(),
  },
  ofAtlas('show', 'Show the annotation of the atlas', needsAtlas, showAnnotation),
  ofAtlas('colours', 'Give regions the colours of the atlas', needsAnnotation, colourAsAtlas),
  ofAtlas('all', 'Show all regions of the atlas', needsAnnotation, showAllRegions),
];
