import type { LamellaClient } from '../../../preload/contract/api.ts';
import { allAtlases, atlasById, treeOf } from '../atlases/atlas-rows.ts';
import { waysFrom } from '../atlases/way-from.ts';
import { idOfStep } from '../atlases/way-to.ts';
import { nameOfPlace } from '../formats/place-name.ts';
import type { JobKind } from '../jobs/job.ts';
import { redacted } from '../sources/redact.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import { importAtlas, type ImportOutput } from './atlas/import.ts';
import { lookUp } from './atlas/lookup.ts';
import { mapOf } from './atlas/map.ts';
import { meshRegions, type MeshesInput, type MeshesOutput } from './atlas/meshes.ts';
import { describeFolder, type ImportInput } from './atlas/parts.ts';
import { serveAtlases } from './atlas/service.ts';
import type { HandlersOf } from './call.ts';

const importKind = (volumes: OpenVolumes): JobKind<ImportInput, ImportOutput> => ({
  kind: 'atlas.import',
  label: ({ name, source, annotation }) =>
    `Import the atlas ${name ?? nameOfPlace(redacted(source ?? annotation ?? ''))}`,
  run: (job, input) => importAtlas(volumes, job, input),
});

const meshesKind = (volumes: OpenVolumes): JobKind<MeshesInput, MeshesOutput> => ({
  kind: 'atlas.meshes',
  label: () => 'Make meshes of regions',
  run: (job, input) => meshRegions(volumes, job, input),
});

/** Atlases: annotations whose labels are regions of a tree. `client`: of this process, for the server that others reach. */
export const atlasHandlers = (volumes: OpenVolumes, client: () => LamellaClient): HandlersOf<'atlas'> => ({
  import: importKind(volumes),

  describe: async ({ source }, call) => ({ value: await describeFolder(call.path(source)) }),

  list: ({ library }, call) => ({ value: { atlases: [...allAtlases(call.library(library))] } }),

  get: ({ library, atlas }, call) => ({ value: { atlas: atlasById(call.library(library), atlas) } }),

  regions: ({ library: ref, atlas, find, under, from, most }, call) => {
    const library = call.library(ref);
    const tree = treeOf(library, atlasById(library, atlas).id);
    const { at, end } = under === undefined ? { at: 0, end: undefined } : tree.branch(under);
    const found = tree.find(find, at, end);
    return { value: { total: found.length, regions: found.slice(from, from + most) } };
  },

  lookup: async (input, call) => ({ value: await lookUp(volumes, call.library(input.library), input, call) }),

  map: (input, call) => mapOf(volumes, call.library(input.library), input, call),

  meshes: meshesKind(volumes),

  ways: ({ library: ref, atlas, volumes: asked }, call) => {
    const library = call.library(ref);
    const ways = waysFrom(library, atlasById(library, atlas), asked);
    const through = ways.map((way) => way?.map(idOfStep) ?? null);
    return { value: { ways: asked.map((volume, i) => ({ volume, through: through[i] ?? null })) } };
  },

  serve: (input, call) => serveAtlases(input, call, client()),

  remove: ({ library: ref, atlas }, call) => {
    const library = call.library(ref);
    const { name } = atlasById(library, atlas);
    library.edit(`Remove the atlas ${name}`, (tx) => tx.put('atlas', { id: atlas, removed: 1 }));
    return { removed: true };
  },
});
