import type { ReactNode } from 'react';
import { AlignForm } from './align-form.tsx';
import { BlocksForm } from './blocks-form.tsx';
import { SolveForm } from './solve-form.tsx';
import { LightForm } from './light-form.tsx';
import { StitchForm } from './stitch-form.tsx';

/** A step from tiles to a volume, in the order in which they are done. */
export interface AssembleStep {
  readonly id: string;
  /** A word, for the switch. */
  readonly label: string;
  readonly title: string;
  readonly Form: () => ReactNode;
}

export const steps: readonly AssembleStep[] = [
  { id: 'stitch', label: 'Stitch', title: 'Stitch the tiles of each section', Form: StitchForm },
  { id: 'solve', label: 'Solve', title: 'Solve again from the links', Form: SolveForm },
  { id: 'align', label: 'Align', title: 'Align sections to each other', Form: AlignForm },
  { id: 'light', label: 'Light', title: 'Make grey levels of tiles and sections fit each other', Form: LightForm },
  { id: 'blocks', label: '3-D blocks', title: 'Stitch a grid of 3-D blocks', Form: BlocksForm },
];
