import { annotateActions } from './annotate.ts';
import { assembleActions } from './assemble.ts';
import { atlasActions } from './atlas.ts';
import { boardActions } from './board.ts';
import { everywhereActions } from './everywhere.ts';
import { landmarkActions } from './landmarks.ts';
import { layerActions } from './layers.ts';
import { layoutActions } from './layouts.ts';
import { viewActions } from './panes.ts';
import { placeActions } from './places.ts';
import type { Action } from './registry.ts';
import { registerActions } from './register.ts';
import { sharingActions } from './sharing.ts';
import { turnActions } from './turns.ts';
import { volumeActions } from './volumes.ts';
import { watchActions } from './watching.ts';

/** All that is registered, in the order of menus. */
export const everyAction: readonly Action[] = [
  ...everywhereActions,
  ...boardActions,
  ...watchActions,
  ...assembleActions,
  ...volumeActions,
  ...atlasActions,
  ...viewActions,
  ...turnActions,
  ...layoutActions,
  ...layerActions,
  ...landmarkActions,
  ...placeActions,
  ...annotateActions,
  ...registerActions,
  ...sharingActions,
];
