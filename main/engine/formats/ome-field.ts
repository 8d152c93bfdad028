import { z } from 'zod';
import { badFile, isSafeKey } from './checked-json.ts';
import type { ByteSource } from './byte-store.ts';
import { omeAttributes, type FoundImage } from './ome-images.ts';
import type { OmeAxis } from './ome-metadata.ts';
import { nmPerUnit } from './ome-units.ts';
import { axisRoles } from './zarr/axes.ts';
import { readArray, readNode, type ZarrNode } from './zarr/zarr-node.ts';
import { mapAxes } from './pyramid.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';

const transforms = z.array(z.unknown()).max(64);
const systems = z.array(z.looseObject({ axes: z.array(z.unknown()).min(1).max(5) })).min(1);

/**
 * The array of a field as an image: a group that is an image of its own, or an array that names its axes and places its
 * voxels in its attributes. Numbers of an array that says nothing are those of its voxels, in the unit of the image.
 * `axes`: those of space of the image, in their order. Throws 'bad-source'.
 */
export async function fieldImage(source: ByteSource, path: string, axes: readonly OmeAxis[]): Promise<FoundImage> {
  const node = isSafeKey(path) ? await readNode(source, path) : undefined;
  if (!node) throw badFile(source, `${path}/zarr.json`, 'there is no such file, though the metadata names it');
  if (!node.isArray) return { path, node, ome: omeAttributes(node), multiscale: 0, others: [] };
  const ome = { multiscales: [await ofArray(source, path, node, axes)] };
  return { path: path.slice(0, Math.max(0, path.lastIndexOf('/'))), node, ome, multiscale: 0, others: [] };
}

async function ofArray(source: ByteSource, path: string, node: ZarrNode, axes: readonly OmeAxis[]): Promise<unknown> {
  const { shape, dimensionNames } = await readArray(source, path, node.zarrFormat);
  const said = omeAttributes(node);
  const own = systems.safeParse(said['coordinateSystems']).data?.[0];
  const list = transforms.safeParse(said['coordinateTransformations']).data ?? [];
  const [first] = list;
  const scale = { type: 'scale', scale: shape.map(() => 1) };
  const transform = { ...(typeof first === 'object' ? first : scale), input: undefined, output: 'field' };
  const vector = { name: 'd', type: 'displacement' };
  const named = dimensionNames?.map(
    (name) => axes.find((axis) => axis.name === name) ?? { ...vector, name: name ?? 'd' },
  );
  const usual = shape[0] === axes.length && shape.at(-1) !== axes.length ? [vector, ...axes] : [...axes, vector];
  const coordinateSystems = [{ name: 'field', axes: own?.axes ?? named ?? usual }];
  const dataset = { path: path.slice(path.lastIndexOf('/') + 1), coordinateTransformations: [transform] };
  return { coordinateSystems, datasets: [dataset] };
}

/** Nanometres of a 1 along x, y, z. */
export function unitsOf(named: readonly OmeAxis[]): Vec3 {
  const roles = axisRoles(named);
  if (typeof roles === 'string') return [1, 1, 1];
  const unit = (i: number): string => named[i]?.unit ?? 'nanometer';
  return mapAxes((i) => nmPerUnit(unit(roles.axes.indexOf((['x', 'y', 'z'] as const)[i]))) ?? 1);
}
