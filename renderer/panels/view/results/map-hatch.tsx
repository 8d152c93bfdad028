import type { ReactNode } from 'react';

/** What stands for no value. `scale`: from CSS pixels to the units that it is drawn in. */
export const Hatch = ({ id, scale }: { readonly id: string; readonly scale: number }): ReactNode => (
  <pattern id={id} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform={`scale(${scale}) rotate(45)`}>
    <rect width={5} height={5} fill="#808080" fillOpacity={0.25} />
    <rect width={1.5} height={5} fill="#808080" />
  </pattern>
);
