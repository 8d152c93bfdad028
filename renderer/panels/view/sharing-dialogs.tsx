import type { ReactNode } from 'react';
import { shapeColour } from '../../ui/shape-colour.ts';
import { registerKeyColours, registerMaps } from '../../state/map-colours.ts';
import { colourAt, colourMapOf } from '../../ui/colour-map-list.ts';
import { FieldDialog } from './field-dialog.tsx';
import { FigureDialog } from './figure-dialog.tsx';
import { MovieDialog } from './movie-dialog.tsx';
import { NeuroglancerDialog } from './neuroglancer-dialog.tsx';
import './sharing.css';

registerMaps((map, at) => colourAt(colourMapOf(map), at));
registerKeyColours((key, labels) => shapeColour(key, null, labels));

/** What leaves the window and what comes in, each in its dialog. */
export function SharingDialogs(): ReactNode {
  return (
    <>
      <FieldDialog />
      <FigureDialog />
      <MovieDialog />
      <NeuroglancerDialog />
    </>
  );
}
