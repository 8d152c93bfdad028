import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { StackSummary } from '../../../preload/contract/library.ts';
import { stackFactsSchema } from '../../../preload/contract/stack.ts';
import { carryPoints, ledOn } from '../stacks/carry-points.ts';
import { shownBy } from '../stacks/coordinates.ts';
import { endingOf, exportedText } from '../stacks/export-stack.ts';
import { lineageOf } from '../stacks/lineage.ts';
import { StackMaps } from '../stacks/section-maps.ts';
import { type StackRow, stackRow } from '../stacks/stack-rows.ts';
import { refuseStep, requireState } from '../stacks/stack-state.ts';
import { placedSections, statsOf } from '../stacks/stack-stats.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { refuseToOverwrite } from '../store/output-file.ts';
import { stackSummaries } from '../store/summary.ts';
import { datasetRow } from '../store/tiles.ts';
import { writeFileDurably } from '../targets/folder.ts';
import type { HandlersOf } from './call.ts';
import { carryAnnotations } from './stack/carry.ts';
import { importStack } from './stack/import.ts';

export const stackHandlers: HandlersOf<'stack'> = {
  list: ({ library, dataset }, call) => {
    const stacks = stackSummaries(call.library(library).read);
    return { value: { stacks: dataset === undefined ? stacks : stacks.filter((stack) => stack.dataset === dataset) } };
  },

  describe: ({ library, stack: id }, call) => {
    const { read } = call.library(library);
    const row = stackRow(read, id);
    const facts = stackFactsSchema.parse(factsOf(read, id));
    return { value: { stack: summaryOf(read, id), stats: statsOf(read, row), facts, lineage: lineageOf(read, id) } };
  },

  setState: ({ library, stack: id, state }, call) => {
    const store = call.library(library);
    const { version, dataset } = stackRow(store.read, id);
    const { state: before } = summaryOf(store.read, id);
    refuseStep(before, state, id);
    if (state === before) return { state };
    if (state === 'COMPLETE') refuseEmpty(store.read, id);
    // As in Render, what is loaded anew counts as another version.
    const next = state === 'LOADING' ? nextVersion(store.read, dataset) : version;
    store.edit(`Make stack v${version} ${state}`, (tx) => tx.put('stack', { id, state, version: next }));
    return { state };
  },

  note: ({ library, stack: id, name, facts }, call) => {
    const store = call.library(library);
    const { version } = stackRow(store.read, id);
    requireState(store.read, id, 'change');
    const before = { name: summaryOf(store.read, id).name, facts: factsOf(store.read, id) };
    const after = { name: name ?? before.name, facts: { ...before.facts, ...facts } };
    if (!isDeepStrictEqual(before, after))
      store.edit(`Note on stack v${version}`, (tx) =>
        tx.put('stack', { id, name: after.name, facts: JSON.stringify(after.facts) }),
      );
    return { name: after.name, facts: stackFactsSchema.parse(after.facts) };
  },

  import: importStack,

  export: async ({ library, stack: id, format, out }, call) => {
    const store = call.library(library);
    const row = stackRow(store.read, id);
    requireState(store.read, id, 'read');
    const file = call.path(out);
    refuseToOverwrite(store, file, endingOf[format]);
    const { name: title, voxel_size_nm } = datasetRow(store.read, row.dataset);
    const voxelSizeNm = JSON.parse(voxel_size_nm) as [number, number, number];
    const { text, tiles, warnings } = exportedText(store.read, { ...row, title, voxelSizeNm }, format);
    const bytes = new TextEncoder().encode(text);
    await writeFileDurably(file, [bytes]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { file: call.refer(file), tiles, sha256, warnings: [...warnings] };
  },

  worldToLocal: ({ library, stack, points }, call) => {
    const shown = shownBy(readMaps(call.library(library).read, stack), points);
    const words = shown.map(({ tiles, reason }) => ({
      tiles: tiles.map(({ tile, x, y }, order) => ({
        tile: tile.tile,
        name: tile.name,
        x,
        y,
        visible: order === tiles.length - 1,
      })),
      ...(reason !== undefined && { reason }),
    }));
    return { value: { points: words } };
  },

  localToWorld: ({ library, stack, points }, call) => {
    const maps = readMaps(call.library(library).read, stack);
    const led = points.map(({ name, x, y }) => {
      const tile = maps.tile(name);
      const [{ place, reason } = { place: null, reason: `the stack places no tile "${name}"` }] = tile
        ? ledOn(tile, [{ x, y }])
        : [];
      return { place, ...(reason !== undefined && { reason }) };
    });
    return { value: { points: led } };
  },

  carryPoints: ({ library, stack, to, points }, call) => {
    const { read } = call.library(library);
    const carried = [...carryPoints(readMaps(read, stack), readMaps(read, to), points)];
    return { value: { carried: carried.filter(({ place }) => place).length, points: carried } };
  },

  carry: ({ library, from, to, annotations }, call) => carryAnnotations(call.library(library), from, to, annotations),
};

function readMaps(read: ReadHandle, id: string): StackMaps {
  const row: StackRow = stackRow(read, id);
  requireState(read, id, 'read');
  return new StackMaps(read, row);
}

function summaryOf(read: ReadHandle, id: string): StackSummary {
  const found = stackSummaries(read).find((stack) => stack.id === id);
  if (found) return found;
  throw new LamellaError('not-found', `The dataset of stack ${id} was removed.`, {
    hint: 'Undo, and ask again.',
    fields: { stack: id },
  });
}

const factsOf = (read: ReadHandle, id: string): Record<string, unknown> =>
  JSON.parse(read.get<{ facts: string }>('SELECT facts FROM stack WHERE id = ?', id)?.facts ?? '{}') as Record<
    string,
    unknown
  >;

const nextVersion = (read: ReadHandle, dataset: string): number =>
  read.get<{ next: number }>('SELECT max(version) + 1 AS next FROM stack WHERE dataset = ?', dataset)?.next ?? 1;

function refuseEmpty(read: ReadHandle, stack: string): void {
  if (placedSections(read, stack).length > 0) return;
  throw new LamellaError('conflict', `Stack ${stack} places no tiles, so it cannot become COMPLETE.`, {
    hint: 'Import its tiles first.',
    fields: { stack },
  });
}
