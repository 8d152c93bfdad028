import { z } from 'zod';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { isSafeKey } from './checked-json.ts';
import { mapAxes } from './pyramid.ts';
import type { VolumeNotes, VolumePlan } from './volume-format.ts';

/** The `ome` attributes of NGFF 0.5 (ngff-spec 0.5, image.schema), as far as an image needs them. */
const finite = z.number().min(-1e18).max(1e18);
const vector = z.array(finite).min(2).max(5);
const positives = z.array(finite.positive()).min(2).max(5);

const transforms = z
  .array(
    z.union([
      z.object({ type: z.literal('scale'), scale: positives }),
      z.object({ type: z.literal('translation'), translation: vector }),
    ]),
  )
  .min(1)
  .max(2);

const axisSchema = z
  .object({
    name: z.string().min(1).max(100),
    type: z.string().max(100).optional(),
    unit: z.string().max(100).optional(),
  })
  // The type is only recommended by NGFF; x, y and z go without saying.
  .transform((axis) => ({ ...axis, type: axis.type ?? (/^[xyz]$/.test(axis.name) ? 'space' : 'other') }));

const datasetSchema = z.object({
  path: z.string().refine(isSafeKey, 'a path that leads out of the dataset, or is empty'),
  coordinateTransformations: transforms,
});

const multiscaleSchema = z
  .object({
    name: z.string().max(1000).optional(),
    axes: z.array(axisSchema).min(2).max(5),
    datasets: z.array(datasetSchema).min(1).max(32),
    coordinateTransformations: transforms.optional(),
  })
  .check((context) => {
    const complaint = complaintOf(context.value);
    if (complaint) context.issues.push({ code: 'custom', message: complaint, input: context.value, path: ['axes'] });
  });
export type OmeMultiscale = z.output<typeof multiscaleSchema>;

const omeroSchema = z.object({ channels: z.array(z.object({ window: z.object({ start: finite, end: finite }) })) });

export const omeGroupSchema = z.object({
  zarr_format: z.literal(3),
  node_type: z.literal('group'),
  attributes: z.object({
    ome: z.object({
      version: z.literal('0.5', { error: 'Lamella reads OME-Zarr 0.5' }),
      multiscales: z.array(multiscaleSchema).min(1).max(64),
      omero: omeroSchema.optional().catch(undefined),
    }),
    lamella: z.record(z.string(), z.unknown()).optional().catch(undefined),
  }),
});

/** Where x, y, z are among the axes. */
export function axisOrder(axes: OmeMultiscale['axes']): readonly number[] {
  const places = axes.flatMap((axis, i) => (axis.type === 'space' ? [i] : []));
  return places.toReversed();
}

const spaceNames = new Set(['y,x', 'z,y,x']);

function complaintOf({
  axes,
  datasets,
  coordinateTransformations,
}: {
  axes: readonly z.output<typeof axisSchema>[];
  datasets: readonly z.output<typeof datasetSchema>[];
  coordinateTransformations?: z.output<typeof transforms> | undefined;
}): string | null {
  const space = axes.filter((axis) => axis.type === 'space');
  const names = space.map((axis) => axis.name).join(',');
  if (!spaceNames.has(names)) return `the space axes are "${names}"; Lamella reads "z,y,x" and "y,x"`;
  if (axes.slice(-space.length).some((axis) => axis.type !== 'space')) return 'the space axes are not the last';
  const unknown = space.find((axis) => axis.unit !== undefined && !unitNm.has(axis.unit));
  if (unknown) return `the unit "${unknown.unit}" of axis "${unknown.name}" is not a length that Lamella knows`;
  const all = [coordinateTransformations ?? [], ...datasets.map((dataset) => dataset.coordinateTransformations)];
  const lengths = all.flat().map((t) => (t.type === 'scale' ? t.scale : t.translation).length);
  if (lengths.some((length) => length !== axes.length))
    return 'a transformation has another number of entries than there are axes';
  if (datasets.some(({ coordinateTransformations: [first] }) => first?.type !== 'scale'))
    return 'a level does not begin with a scale';
  return null;
}

const unitNm: ReadonlyMap<string, number> = new Map([
  ['angstrom', 0.1],
  ['picometer', 1e-3],
  ['nanometer', 1],
  ['micrometer', 1e3],
  ['millimeter', 1e6],
  ['centimeter', 1e7],
  ['meter', 1e9],
]);

/** Nanometres of a unit of length; 1 where none is given. */
export const nmPerUnit = (unit: string | undefined): number => unitNm.get(unit ?? 'nanometer') ?? 1;

type Transforms = z.output<typeof transforms>;

/** Scale and translation of a level, with those of the whole image applied after them. In the order of the axes. */
export function originAndScale(
  dataset: { readonly coordinateTransformations: Transforms },
  multiscale: OmeMultiscale,
): { readonly scale: readonly number[]; readonly translation: readonly number[] } {
  const rank = multiscale.axes.length;
  const own = partsOf(dataset.coordinateTransformations, rank);
  const whole = partsOf(multiscale.coordinateTransformations ?? [], rank);
  return {
    scale: own.scale.map((value, i) => value * (whole.scale[i] ?? 1)),
    translation: own.translation.map((value, i) => value * (whole.scale[i] ?? 1) + (whole.translation[i] ?? 0)),
  };
}

function partsOf(
  list: Transforms | readonly [],
  rank: number,
): { scale: readonly number[]; translation: readonly number[] } {
  let scale: readonly number[] = Array.from({ length: rank }, () => 1);
  let translation: readonly number[] = Array.from({ length: rank }, () => 0);
  for (const transform of list) {
    if (transform.type === 'scale') scale = transform.scale;
    else translation = transform.translation;
  }
  return { scale, translation };
}

/** The group's zarr.json. */
export function omeGroupJson(plan: VolumePlan, { window, attributes }: VolumeNotes): unknown {
  const full = plan.dtype === 'uint8' ? 255 : 65_535;
  const [start, end] = window ?? [0, full];
  const ome = {
    version: '0.5',
    multiscales: [
      {
        name: plan.name,
        axes: ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'nanometer' })),
        datasets: plan.levels.map(({ key, voxelSizeNm }) => ({
          path: key,
          coordinateTransformations: placeOf(voxelSizeNm, plan.originNm),
        })),
      },
    ],
    omero: {
      channels: [{ active: true, color: 'FFFFFF', label: plan.name, window: { start, end, min: 0, max: full } }],
      rdefs: { model: 'greyscale' },
    },
  };
  return { zarr_format: 3, node_type: 'group', attributes: attributes ? { ome, lamella: attributes } : { ome } };
}

/** The centre of voxel 0 is half a voxel in from the corner: NGFF counts from centres. */
function placeOf(voxelSizeNm: Vec3, originNm: Vec3): unknown {
  const centre = mapAxes((i) => originNm[i] + voxelSizeNm[i] / 2);
  return [
    { type: 'scale', scale: voxelSizeNm.toReversed() },
    { type: 'translation', translation: centre.toReversed() },
  ];
}
