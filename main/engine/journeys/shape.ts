import { randomBytes } from 'node:crypto';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { plainText } from '../../../preload/contract/plain-text.ts';
import type { ShapeKind, ShapeSet } from '../../../preload/contract/shape.ts';
import type { OpenMeshes, OpenSkeletons, ShapeEntry } from '../formats/shapes/shape-format.ts';
import { hasSecret, parseAddress, toText } from '../sources/address.ts';
import { allShapes, shapeRow, shapesById, type StoredShapes } from '../store/shape-rows.ts';
import type { Call, HandlersOf } from './call.ts';
import type { HeldShapes, OpenedShapes } from './shape/held-shapes.ts';
import { isVolumeId } from '../volumes/volume-id.ts';
import { namedBy, oneNamedBy, pluralOf } from './shape/named-by-volume.ts';
import { manifestsOf, streamFragments, streamSkeletons, wrongKind } from './shape/streams.ts';

export function shapeHandlers(held: HeldShapes): HandlersOf<'shape'> {
  const meshesOf = async (input: InSet, call: Call): Promise<OpenMeshes> => {
    const shapes = await held.shown(call.library(input.library), input.shape, call.kernels);
    if (shapes.kind !== 'mesh') throw wrongKind(input.shape, 'meshes');
    return shapes;
  };
  const skeletonsOf = async (input: InSet, call: Call): Promise<OpenSkeletons> => {
    const shapes = await held.shown(call.library(input.library), input.shape, call.kernels);
    if (shapes.kind !== 'skeleton') throw wrongKind(input.shape, 'skeletons');
    return shapes;
  };
  return {
    describe: async ({ source, allowPrivate }, call) => {
      const ref = call.source(source, allowPrivate);
      const { kernels, signal } = call;
      const opened = await held.at({ ref, allowPrivate, unitNm: null, kernels, library: null, signal });
      return { value: { ...factsOf(opened), notes: [...opened.shapes.facts.notes] } };
    },

    ofVolume: async ({ library: ref, volume }, call) => ({
      value: { shapes: (await namedBy(held, call, ref, volume)).map(({ opened }) => factsOf(opened)) },
    }),

    add: async ({ library: libraryRef, source, kind, name, unitNm = null, allowPrivate: allowed }, call) => {
      const library = call.library(libraryRef);
      const named = isVolumeId(source) ? await oneNamedBy(held, call, libraryRef, source, kind) : null;
      const ref = named ? '' : call.source(source, allowed);
      if (!named) refuseSecret(ref);
      const allowPrivate = named?.allowPrivate ?? allowed;
      const { kernels, signal } = call;
      const opened = named?.opened ?? (await held.at({ ref, allowPrivate, unitNm, kernels, library, signal }));
      if (kind && opened.shapes.kind !== kind) throw otherKind(opened, kind);
      const facts = factsOf(opened);
      const set: ShapeSet = {
        ...facts,
        id: `shape-${randomBytes(6).toString('hex')}`,
        name: name ?? facts.name,
        ...(named && { liesIn: source }),
        createdAt: new Date().toISOString(),
      };
      const row = shapeRow(set, { kind: set.source.kind, address: set.source.text, allowPrivate });
      library.edit(`Add ${set.name}`, (tx) => tx.put('shape', row));
      held.keep(library, set.id, opened.shapes);
      return set;
    },

    list: ({ library }, call) => ({
      value: { shapes: allShapes(call.library(library).read).map(({ set }) => set) },
    }),

    remove: ({ library: ref, shape: id }, call) => {
      const library = call.library(ref);
      const { set } = shapesById(library.read, id);
      refuseWhereSeenThroughMaps(allShapes(library.read), set);
      library.edit(`Remove ${set.name}`, (tx) => tx.remove('shape', id));
      held.forget(library, id);
      return { removed: true };
    },

    keys: async ({ find, from, most, ...input }, call) => {
      const shapes = await held.shown(call.library(input.library), input.shape, call.kernels);
      const all = await shapes.keys(call.signal);
      const found = find === '' ? all : all.filter(matches(find));
      return { value: { total: found.length, keys: found.slice(from, from + most).map((entry) => ({ ...entry })) } };
    },

    manifests: async (input, call) => ({
      value: await manifestsOf(await meshesOf(input, call), input.keys, call.signal),
    }),

    fragments: async (input, call) => streamFragments(await meshesOf(input, call), input.fragments, call),

    skeletons: async (input, call) => streamSkeletons(await skeletonsOf(input, call), input.keys, call),
  };
}

interface InSet {
  readonly library: string;
  readonly shape: string;
}

const otherKind = ({ place, shapes }: OpenedShapes, kind: ShapeKind): LamellaError =>
  new LamellaError('invalid-input', `${place.text} holds ${pluralOf[shapes.kind]}, no ${pluralOf[kind]}.`, {
    hint: 'Leave the kind out, or name another place.',
    fields: { source: place.text, kind },
  });

const factsOf = ({ place, shapes }: OpenedShapes): Omit<ShapeSet, 'id' | 'liesIn' | 'createdAt'> => {
  const { name, format, unitNm, count, boundsNm } = shapes.facts;
  return {
    name: plainText(name, 200) || 'shapes',
    kind: shapes.kind,
    format,
    source: { kind: place.kind, text: place.text },
    unitNm,
    count,
    boundsNm,
  };
};

/** Without case: names are typed in a hurry. */
function matches(find: string): (entry: ShapeEntry) => boolean {
  const wanted = find.toLowerCase();
  return ({ key, name }) => key.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted);
}

/** They are read from this one: it is all that there is of them. */
function refuseWhereSeenThroughMaps(all: readonly StoredShapes[], { id, name }: ShapeSet): void {
  const seen = all.filter(({ source }) => source.led?.shapes === id).map(({ set }) => set.name);
  if (seen.length === 0) return;
  throw new LamellaError('conflict', `${name} is shown through registrations, as ${seen.join(', ')}.`, {
    hint: 'Remove those first.',
    fields: { shape: id },
  });
}

/** The library would keep a signature or token, and must not. */
function refuseSecret(ref: string): void {
  const address = parseAddress(ref);
  if (!hasSecret(address)) return;
  const shown = toText(address);
  throw new LamellaError('invalid-input', `${shown} opens with a signature or token, which a library does not keep.`, {
    hint: 'Use an address without one, or keys in the environment for a bucket (s3://).',
    fields: { source: shown },
  });
}
