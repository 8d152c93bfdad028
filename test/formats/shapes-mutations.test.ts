import { describe, expect, it } from 'vitest';
import { meshManifestSchema, type ShapeSet } from '../../preload/contract/shape.ts';
import { shapeFormats } from '../../main/engine/formats/shapes/index.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { mutateBytes } from '../kernels/mutate-bytes.ts';
import { memorySource } from './memory-source.ts';
import { multiresFiles } from './multires-fixture.ts';
import { fuzzTimes, mutate, seededRandom } from './mutate.ts';
import * as samples from './shape-samples.ts';
import { meshOf, shapeOptions, skeletonOf } from './shape-work.ts';

const mutations = 5000 * fuzzTimes;
type Files = Readonly<Record<string, Uint8Array>>;

const { json, buffer } = samples.gltf('b.bin');
const sets: Readonly<Record<ShapeSet['format'], readonly (readonly [key: string, files: Files])[]>> = {
  obj: [['a.obj', { 'a.obj': samples.objScene }]],
  ply: [
    ['a.ply', { 'a.ply': samples.plyText }],
    ['a.ply', { 'a.ply': samples.plyBinary(true) }],
    ['a.ply', { 'a.ply': samples.plyBinary(false) }],
  ],
  stl: [
    ['a.stl', { 'a.stl': samples.stlText }],
    ['a.stl', { 'a.stl': samples.stlBinary() }],
  ],
  gltf: [
    ['a.glb', { 'a.glb': samples.glb() }],
    ['a.gltf', { 'a.gltf': samples.jsonBytes(json), 'b.bin': buffer }],
  ],
  swc: [['a.swc', { 'a.swc': samples.swc }]],
  nml: [['a.nml', { 'a.nml': samples.nml }]],
  'precomputed-legacy-mesh': [
    [
      '',
      {
        info: samples.jsonBytes({ '@type': 'neuroglancer_legacy_mesh' }),
        '7:0': samples.jsonBytes({ fragments: ['7:0:a', '7:0:b'] }),
        '7:0:a': samples.legacyFragment(),
        '7:0:b': samples.legacyFragment(),
      },
    ],
  ],
  'precomputed-skeletons': [['', { info: samples.jsonBytes(samples.skeletonInfo), '7': samples.skeletonBytes() }]],
  'precomputed-multires-mesh': [['', await multiresFiles()]],
};

/** Reads all there is. What is read must make sense; what is refused must be told as our own. */
async function attempt(id: ShapeSet['format'], key: string, files: Files): Promise<'read' | 'refused'> {
  const format = shapeFormats.find((one) => one.id === id);
  try {
    const set = await format?.open({ source: memorySource(files), key }, shapeOptions());
    if (!set) throw new Error(`${id} is not listed`);
    const keys = (await set.keys()).map((entry) => entry.key);
    for (const one of keys.length > 0 ? keys.slice(0, 5) : ['7']) {
      if (set.kind === 'skeleton') checkSkeleton(await set.skeleton(one));
      else
        for (const [level, { bytes }] of meshManifestSchema
          .parse(await set.manifest(one))
          .levels.slice(0, 4)
          .entries())
          for (let box = 0; box < Math.min(bytes.length, 4); box++) checkMesh(await set.mesh({ key: one, level, box }));
    }
    return 'read';
  } catch (error) {
    if (isLamellaError(error, 'bad-source', 'not-found', 'over-budget')) return 'refused';
    throw error;
  }
}

function checkMesh(mesh: Parameters<typeof meshOf>[0]): void {
  expect(mesh.bytes.byteLength).toBe(mesh.vertices * 12 + mesh.triangles * 12);
  const { positions, indices } = meshOf(mesh);
  expect(positions.every(Number.isFinite)).toBe(true);
  expect(indices.every((index) => index < mesh.vertices)).toBe(true);
}

function checkSkeleton(skeleton: Parameters<typeof skeletonOf>[0]): void {
  expect(skeleton.bytes.byteLength).toBe(skeleton.nodes * 16 + skeleton.edges * 8);
  const { positions, radii, edges } = skeletonOf(skeleton);
  expect(positions.every(Number.isFinite) && radii.every((radius) => radius >= 0)).toBe(true);
  expect(edges.every((node) => node < skeleton.nodes)).toBe(true);
}

function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  if (random() < 0.5) return mutateBytes(bytes, random);
  return Buffer.from(mutate(Buffer.from(bytes).toString('latin1'), random), 'latin1');
}

describe('mutations of files of shapes', () => {
  it.each(Object.keys(sets) as ShapeSet['format'][])(
    'are read or refused by name: %s',
    { timeout: 120_000 },
    async (id) => {
      const random = seededRandom(20 + id.length);
      const outcomes = { read: 0, refused: 0 };
      for (const [key, files] of sets[id]) {
        expect(await attempt(id, key, files)).toBe('read');
        const names = Object.keys(files);
        for (let i = 0; i < Math.ceil(mutations / sets[id].length); i++) {
          const name = names[Math.floor(random() * names.length)] ?? '';
          const changed = { ...files, [name]: mutated(files[name] ?? new Uint8Array(), random) };
          outcomes[await attempt(id, key, changed)] += 1;
        }
      }
      expect(outcomes.refused).toBeGreaterThan(0);
      expect(outcomes.read).toBeGreaterThan(0);
    },
  );
});
