import {
  goToPairBeside,
  moveEnd,
  placeLandmark,
  removePair,
  toggleBefore,
  toggleLandmarks,
  togglePair,
  whyNoLandmarks,
} from '../landmark-tool.ts';
import { exportLandmarks, importLandmarks } from '../landmark-files.ts';
import type { End } from '../landmark-pairs.ts';
import { landmarksNow, pairsOf } from '../landmarks.ts';
import { useView } from '../view.ts';
import { askForField, whyNoField } from '../warp-draft.ts';
import type { Action } from './registry.ts';

const view = ['view'] as const;
const needsTool = (): string | null => (landmarksNow().active ? null : 'Take the landmark tool first (Shift+L)');
const needsPairs = (): string | null =>
  landmarksNow().alignment && pairsOf(landmarksNow()).length > 0 ? null : 'Select a layer with landmarks first';
const needsPair = (): string | null => needsTool() ?? (landmarksNow().selected === null ? 'Select a pair first' : null);

/** Something that is done with the selected pair. */
const ofPair = (id: string, title: string, keys: readonly string[], run: (pair: string) => unknown): Action => ({
  id: `landmark.${id}`,
  title,
  menu: 'Tools',
  unlisted: true,
  rooms: view,
  keys,
  whyNot: needsPair,
  run: () => run(landmarksNow().selected ?? ''),
});

const toCrossHair = (end: End) => (pair: string) => moveEnd(pair, end, useView.getState().positionNm);

export const landmarkActions: readonly Action[] = [
  {
    id: 'landmark.tool',
    title: 'Align the selected layer by landmarks',
    menu: 'Tools',
    rooms: view,
    keys: ['Shift+l'],
    whyNot: () => (landmarksNow().active ? null : whyNoLandmarks()),
    run: toggleLandmarks,
  },
  {
    id: 'landmark.place',
    title: 'Place a landmark at the cross-hair',
    menu: 'Tools',
    unlisted: true,
    rooms: view,
    keys: ['Enter'],
    whyNot: needsTool,
    run: () => placeLandmark(useView.getState().positionNm),
  },
  {
    id: 'landmark.before',
    title: 'Show the layer before or after its landmarks',
    menu: 'Tools',
    rooms: view,
    keys: ['b'],
    whyNot: () => (landmarksNow().alignment?.warp ? null : 'Select a layer that is aligned by landmarks first'),
    run: toggleBefore,
  },
  {
    id: 'landmark.next',
    title: 'Go to the next pair of landmarks',
    menu: 'Go',
    unlisted: true,
    rooms: view,
    keys: ['n'],
    whyNot: needsPairs,
    run: () => goToPairBeside(1),
  },
  {
    id: 'landmark.previous',
    title: 'Go to the pair of landmarks before',
    menu: 'Go',
    unlisted: true,
    rooms: view,
    keys: ['Shift+n'],
    whyNot: needsPairs,
    run: () => goToPairBeside(-1),
  },
  ofPair('remove', 'Delete the pair of landmarks', ['Delete'], removePair),
  ofPair('toggle', 'Use the pair of landmarks, or leave it out', ['o'], togglePair),
  ofPair('move.source', 'Move the pair’s moving end to the cross-hair', ['Shift+m'], toCrossHair('source')),
  ofPair('move.target', 'Move the pair’s fixed end to the cross-hair', ['Shift+f'], toCrossHair('target')),
  {
    id: 'landmark.import',
    title: 'Import landmarks of BigWarp…',
    menu: 'File',
    rooms: view,
    whyNot: needsTool,
    run: () => void importLandmarks(),
  },
  {
    id: 'landmark.export',
    title: 'Export landmarks for BigWarp…',
    menu: 'File',
    rooms: view,
    whyNot: needsPairs,
    run: () => void exportLandmarks(),
  },
  {
    id: 'layer.field',
    title: 'Warp the selected layer by a displacement field…',
    menu: 'Tools',
    rooms: view,
    whyNot: whyNoField,
    run: askForField,
  },
];
