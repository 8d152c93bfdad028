import { exportAnnotations, placeAt, removeAnnotation, setTool, stepBack, useEdits } from '../edits.ts';
import { useView } from '../view.ts';
import { needsVolume } from './panes.ts';
import type { Action } from './registry.ts';

const annotate = ['annotate'] as const;
const selected = (): string | null => useEdits.getState().selected;

const needsMarkable = (): string | null =>
  needsVolume() ?? (useEdits.getState().volume === null ? 'Fuse the tiles first: marks belong to a volume' : null);

export const annotateActions: readonly Action[] = [
  {
    id: 'annotate.point',
    title: 'Take the point tool',
    menu: 'Tools',
    rooms: annotate,
    keys: ['p'],
    whyNot: needsMarkable,
    run: () => setTool('point'),
  },
  {
    id: 'annotate.line',
    title: 'Take the line tool',
    menu: 'Tools',
    rooms: annotate,
    keys: ['l'],
    whyNot: needsMarkable,
    run: () => setTool('line'),
  },
  {
    id: 'annotate.navigate',
    title: 'Put the tool down',
    menu: 'Tools',
    rooms: annotate,
    keys: ['Escape'],
    run: stepBack,
  },
  {
    id: 'annotate.place',
    title: 'Place at the cross-hair',
    menu: 'Tools',
    rooms: annotate,
    keys: ['Enter'],
    whyNot: () =>
      needsVolume() ?? (useEdits.getState().tool === 'navigate' ? 'Take the point or line tool first' : null),
    run: () => void placeAt(useView.getState().positionNm),
  },
  {
    id: 'annotate.remove',
    title: 'Delete the annotation',
    menu: 'Edit',
    rooms: annotate,
    keys: ['Delete'],
    whyNot: () => (selected() === null ? 'Select an annotation first' : null),
    run: () => void removeAnnotation(selected() ?? ''),
  },
  {
    id: 'annotate.export',
    title: 'Export annotations as CSV…',
    menu: 'File',
    whyNot: needsMarkable,
    run: () => void exportAnnotations(),
  },
];
