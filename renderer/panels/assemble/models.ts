import type { Model } from '../../state/assemble.ts';

/** How tiles may move, from the least freedom to the most. */
export const models: ReadonlyArray<{ readonly value: Model; readonly title: string; readonly about: string }> = [
  { value: 'translation', title: 'Translation', about: 'Tiles only shift. Right for most stages.' },
  { value: 'rigid', title: 'Rigid', about: 'Shift and rotate. For a turned camera or sections laid by hand.' },
  { value: 'similarity', title: 'Similarity', about: 'Shift, rotate, grow. For magnification that drifts.' },
  {
    value: 'affine',
    title: 'Affine',
    about: 'Shift, rotate, scale, shear. For uneven magnification; needs good overlaps.',
  },
  { value: 'polynomial', title: 'Polynomial', about: 'Tiles bend, too. For lens and beam distortion.' },
];
