import { z } from 'zod';
import type { Affine3 } from '../transforms/affine3.ts';
import { toJsonBytes } from './checked-json.ts';
import { omeZarrWriter } from './ome-writer.ts';
import { levelAt, mapAxes } from './pyramid.ts';
import type { ChunkCodec, Part, VolumeLevelPlan, VolumePlan, VolumeWriter, WriteChoices } from './volume-format.ts';

/** A chain of maps from one space to another, nanometres: `field` is where it goes through the field that is written. */
export interface OmeChain {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly ({ readonly type: 'affine'; readonly matrix: Affine3 } | { readonly type: 'field' })[];
}

/** The group of the field, an image of its own: three channels, along z, y and x. */
export const omeFieldPath = 'displacements';

const version = '0.6';
const spaceAxes = ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'nanometer', discrete: false }));

/** NGFF 0.6 (RFC-5): a scene of two spaces and what leads from one to the other, with its field as an image below it. */
export function omeFieldWriter(
  plan: VolumePlan,
  choices: WriteChoices,
  codec: ChunkCodec,
  chain: OmeChain,
): VolumeWriter {
  const inner = omeZarrWriter(plan, { ...choices, encoding: undefined }, codec);
  const below = ({ key, bytes }: Part): Part => ({ key: `${omeFieldPath}/${key}`, bytes });
  return {
    plan: inner.plan,
    blockXyz: (level) => inner.blockXyz(level),
    encodeBlock: async (at, voxels, signal) => (await inner.encodeBlock(at, voxels, signal)).map((part) => below(part)),
    metadata: async (notes) => {
      const arrays = (await inner.metadata(notes)).filter(({ key }) => key !== 'zarr.json');
      return [
        ...arrays.map((part) => below({ ...part, bytes: withNamedAxes(part.bytes) })),
        below({
          key: 'zarr.json',
          bytes: toJsonBytes(groupJson({ multiscales: [fieldJson(levelAt(inner.plan, 0))] })),
        }),
        omeChainPart(chain),
      ];
    },
  };
}

/** What makes a folder such a scene; all that there is of a chain of affine maps. */
export const omeChainPart = (chain: OmeChain): Part => ({
  key: 'zarr.json',
  bytes: toJsonBytes(groupJson({ scene: sceneJson(chain) })),
});

const groupJson = (ome: object): unknown => ({
  zarr_format: 3,
  node_type: 'group',
  attributes: { ome: { version, ...ome } },
});

function sceneJson({ from, to, steps }: OmeChain): unknown {
  const transformations = steps.map((step) =>
    step.type === 'affine'
      ? { type: 'affine', affine: inZyx(step.matrix) }
      : { type: 'displacements', path: omeFieldPath, interpolation: 'linear' },
  );
  const link = { name: `${from} to ${to}`, input: { name: from }, output: { name: to } };
  const [only] = transformations;
  return {
    coordinateSystems: [from, to].map((name) => ({ name, axes: spaceAxes })),
    coordinateTransformations: [
      transformations.length === 1 ? { ...only, ...link } : { type: 'sequence', transformations, ...link },
    ],
  };
}

/** Rows and columns in the order of the axes. */
const inZyx = (matrix: Affine3): readonly (readonly number[])[] =>
  [2, 1, 0].map((row) => [2, 1, 0, 3].map((column) => matrix[4 * row + column] ?? 0));

function fieldJson({ voxelSizeNm: [x, y, z], originNm }: VolumeLevelPlan): unknown {
  const [cx, cy, cz] = mapAxes((i) => originNm[i] + [x, y, z][i]! / 2);
  const transformations = [
    { type: 'scale', scale: [1, z, y, x] },
    { type: 'translation', translation: [0, cz, cy, cx] },
  ];
  return {
    name: omeFieldPath,
    coordinateSystems: [{ name: 'field', axes: [{ name: 'd', type: 'displacement', discrete: true }, ...spaceAxes] }],
    datasets: [
      { path: '0', coordinateTransformations: [{ type: 'sequence', input: '0', output: 'field', transformations }] },
    ],
  };
}

/** The parts of vectors are no channels. */
function withNamedAxes(bytes: Uint8Array): Uint8Array {
  const json = z
    .looseObject({ dimension_names: z.array(z.string()) })
    .parse(JSON.parse(new TextDecoder().decode(bytes)));
  return toJsonBytes({ ...json, dimension_names: json.dimension_names.map((name) => (name === 'c' ? 'd' : name)) });
}
