import type { ParsedShapesHeader } from '../shape-tasks.ts';
import { droppedNote, type BuiltMesh, type BuiltShape } from './mesh-builder.ts';
import { badShape } from './shape-errors.ts';

/** What a parser is given. */
export interface ShapeFile {
  readonly bytes: Uint8Array;
  /** What to call it in messages. */
  readonly name: string;
  /** What the user says of it; null = what is usual. */
  readonly unitNm: number | null;
  /** A sign of life, and the place where a cancelled parse ends. */
  readonly beat: () => void;
}

export interface Parsed {
  readonly header: Omit<ParsedShapesHeader, 'shapes'>;
  readonly shapes: readonly BuiltShape[];
}

/** Objects of one file; each costs a key, a manifest and a request. */
export const mostObjects = 100_000;

/** Meshes of a file. Those that have no triangles are left out; throws where none is left. */
export function parsedMeshes(
  file: ShapeFile,
  unitNm: number,
  built: readonly BuiltMesh[],
  notes: readonly string[],
): Parsed {
  const kept = built.filter(({ links }) => links > 0);
  const [dropped, links] = [sum(built, 'dropped'), sum(kept, 'links')];
  if (kept.length === 0)
    throw badShape(file.name, dropped > 0 ? `none of its ${dropped} triangles is whole` : 'it has no triangles');
  return {
    header: { kind: 'mesh', unitNm, notes: [...notes, ...droppedNote(dropped, links)], needs: [] },
    shapes: kept.map(({ name, points, links: n, boundsNm, bytes }) => ({ name, points, links: n, boundsNm, bytes })),
  };
}

const sum = (built: readonly BuiltMesh[], what: 'dropped' | 'links'): number =>
  built.reduce((total, one) => total + one[what], 0);

/** A sentence on a unit that nobody gave. */
export const assumedUnit = (format: string, unitNm: number, word: string): string =>
  `${format} does not say its unit: one unit is taken for ${unitNm} nm${word}. Give the size of a unit where it is another.`;
