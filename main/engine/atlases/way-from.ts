import type { Atlas } from '../../../preload/contract/atlas.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { registrations } from '../registrations/registration-rows.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { allVolumes, volumeById } from '../store/volume-rows.ts';
import { allAtlases } from './atlas-rows.ts';
import { type Edges, edgesOf, wayTo, type WayStep } from './way-to.ts';

/** The volumes that lie where the annotation does. */
const volumesOf = ({ annotation, template, hemispheres }: Atlas): readonly string[] =>
  [annotation, template, hemispheres].filter((id) => id !== null);

interface Linked {
  readonly changes: string;
  readonly edges: Edges;
}

/** Of this connection, and those of others. */
const countChanges = 'SELECT total_changes(), (SELECT data_version FROM pragma_data_version)';

const linked = new WeakMap<LibraryStore, Linked>();

/** Kept until a row of the library changes, whatever row it is and whoever changes it. */
function linksOf(library: LibraryStore): Edges {
  const changes = JSON.stringify(library.read.get(countChanges));
  const kept = linked.get(library);
  if (kept?.changes === changes) return kept.edges;
  const edges = edgesOf({
    volumes: allVolumes(library.read).volumes,
    registrations: registrations(library.read),
    together: allAtlases(library).map(volumesOf),
  });
  linked.set(library, { changes, edges });
  return edges;
}

/** The shortest way from each volume to the atlas; null where none leads there. */
export function waysFrom(
  library: LibraryStore,
  atlas: Atlas,
  spaces: readonly string[],
): readonly (readonly WayStep[] | null)[] {
  const [edges, goals] = [linksOf(library), new Set(volumesOf(atlas))];
  return spaces.map((space) => wayTo(edges, space, goals));
}

/** Throws 'not-found' where there is no such volume, 'invalid-input' where no way leads from it. */
export function wayFrom(library: LibraryStore, atlas: Atlas, space: string): readonly WayStep[] {
  if (volumesOf(atlas).includes(space)) return [];
  const { name } = volumeById(library.read, space).volume;
  const [way] = waysFrom(library, atlas, [space]);
  if (way) return way;
  const failed = registrations(library.read, space).some(({ verdict }) => verdict === 'fail');
  throw new LamellaError('invalid-input', `No map leads from "${name}" to the atlas ${atlas.name}.`, {
    hint: failed
      ? 'Its registration failed: see register get for why, or apply it as it is with register apply.'
      : 'Register it to the template, or make a warped volume of one that is laid out like the other.',
    fields: { volume: space, atlas: atlas.id },
  });
}
