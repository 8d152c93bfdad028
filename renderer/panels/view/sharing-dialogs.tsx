import type { ReactNode } from 'react';
import { registerMaps } from '../../state/map-colours.ts';
import { colourAt, colourMapOf } from '../../ui/colour-map-list.ts';
import { FigureDialog } from './figure-dialog.tsx';
import { MovieDialog } from './movie-dialog.tsx';
import { NeuroglancerDialog } from './neuroglancer-dialog.tsx';
import './sharing.css';

registerMaps((map, at) => colourAt(colourMapOf(map), at));

/** What leaves the window and what comes in from others, each in its dialog. */
export function SharingDialogs(): ReactNode {
  return (
    <>
      <FigureDialog />
      <MovieDialog />
      <NeuroglancerDialog />
    </>
  );
}
