import { basename } from 'node:path';
import type { JobKind } from '../jobs/job.ts';
import { blockLinks, blockPlacements, blockSetRow, blockSets, blocksOf, blockStackRow } from '../stacks/block-rows.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import { detectBlocks } from './block/detect.ts';
import { exportBlocks } from './block/export.ts';
import { fuseBlocks, type FuseInput, type FuseOutput } from './block/fuse.ts';
import { type AgainInput, importBlocks, type ImportInput, type ImportOutput } from './block/import.ts';
import { stitchBlocks, type StitchInput, type StitchOutput } from './block/stitch.ts';
import type { HandlersOf } from './call.ts';

const importKind = (volumes: OpenVolumes): JobKind<ImportInput, ImportOutput> => ({
  kind: 'block.import',
  label: ({ name, source }) => `Import the blocks of ${name?.trim() || basename(source)}`,
  run: (job, input) => importBlocks(volumes, job, input),
});

const againKind = (volumes: OpenVolumes): JobKind<AgainInput, ImportOutput> => ({
  kind: 'block.again',
  label: ({ axes }) => `Import blocks again (${axes})`,
  run: (job, { library, set, axes }) => {
    const { name, source, layout, voxelSizeNm } = blockSetRow(job.library.read, set);
    return importBlocks(volumes, job, { library, source, layout, voxelSizeNm, axes, name: `${name} (${axes})` });
  },
});

const stitchKind = (volumes: OpenVolumes): JobKind<StitchInput, StitchOutput> => ({
  kind: 'block.stitch',
  label: () => 'Stitch blocks',
  run: (job, input) => stitchBlocks(volumes, job, input),
});

const fuseKind = (volumes: OpenVolumes): JobKind<FuseInput, FuseOutput> => ({
  kind: 'block.fuse',
  label: ({ name }) => (name === undefined ? 'Fuse blocks' : `Fuse ${name}`),
  run: (job, input) => fuseBlocks(volumes, job, input),
});

/** Three-dimensional tiles: imported where they lie, stitched on one channel, fused with all. */
export const blockHandlers = (volumes: OpenVolumes): HandlersOf<'block'> => ({
  detect: ({ source, layout }, call) => ({ value: { candidates: detectBlocks(call.path(source), layout) } }),
  again: againKind(volumes),
  import: importKind(volumes),
  list: ({ library }, call) => ({ value: { sets: blockSets(call.library(library).read) } }),

  blocks: ({ library, set }, call) => {
    const { read } = call.library(library);
    blockSetRow(read, set);
    const blocks = blocksOf(read, set).map(({ fingerprint: _fingerprint, ...block }) => block);
    return { value: { blocks } };
  },

  stitch: stitchKind(volumes),

  links: ({ library, stack }, call) => {
    const { read } = call.library(library);
    blockStackRow(read, stack);
    return { value: { links: blockLinks(read, stack) } };
  },

  placements: ({ library, stack }, call) => {
    const { read } = call.library(library);
    blockStackRow(read, stack);
    return { value: { placements: blockPlacements(read, stack) } };
  },

  fuse: fuseKind(volumes),

  export: async ({ library, stack, format, out }, call) => {
    const exported = await exportBlocks(call.library(library), stack, format, call.path(out));
    return { ...exported, file: call.refer(exported.file) };
  },

  remove: ({ library, id }, call) => {
    const store = call.library(library);
    if (id.startsWith('blockset-')) {
      const { name } = blockSetRow(store.read, id);
      store.edit(`Remove the blocks of ${name}`, (tx) => tx.put('block_set', { id, removed: 1 }));
    } else {
      const { version } = blockStackRow(store.read, id);
      store.edit(`Remove blocks v${version}`, (tx) => tx.put('block_stack', { id, removed: 1 }));
    }
    return { removed: true };
  },
});
