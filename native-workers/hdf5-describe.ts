import * as h5wasm from 'h5wasm/node';
import { filterName, unreadable, voxelTypeOf } from './hdf5-types.ts';
import type { Hdf5Description } from './voxel-tasks.ts';

const mostObjects = 50_000;
const mostDepth = 16;
const mostAttributes = 500;
const mostAttributeBytes = 65_536;
const mostValues = 256;

type Dataset = Hdf5Description['datasets'][number];
type Attributes = Dataset['attributes'];

/**
 * Walks the file; `beat` is called for each object, and may throw to stop. Each group is looked at once, however many
 * links lead to it: links may go in circles.
 */
export function describeFile(file: h5wasm.File, beat: () => void): Hdf5Description {
  const groups: Hdf5Description['groups'] = [];
  const datasets: Dataset[] = [];
  const waiting: { readonly group: h5wasm.Group; readonly depth: number }[] = [{ group: file, depth: 0 }];
  const seen = new Set<string>();
  let cut = false;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { group, depth } = next;
    beat();
    const address = group.create_reference().ref_data.toString();
    if (seen.has(address)) continue;
    seen.add(address);
    groups.push({ path: group.path, attributes: attributesOf(group) });
    for (const name of group.keys()) {
      if (groups.length + datasets.length + waiting.length >= mostObjects) {
        cut = true;
        break;
      }
      beat();
      const entity = group.get(name);
      if (entity instanceof h5wasm.Dataset) datasets.push(describeDataset(entity));
      else if (entity instanceof h5wasm.Group && depth < mostDepth) waiting.push({ group: entity, depth: depth + 1 });
    }
  }
  return { groups, datasets, cut };
}

function describeDataset(dataset: h5wasm.Dataset): Dataset {
  const { metadata, filters } = dataset;
  const shape = metadata.shape ?? [];
  const unread = unreadable(metadata, filters);
  const few = shape.length <= 2 && shape.reduce((product, n) => product * n, 1) <= mostValues;
  return {
    path: dataset.path,
    shape,
    dtype: voxelTypeOf(metadata) ?? null,
    chunks: metadata.chunks,
    filters: filters.map(filterName),
    unread,
    values: unread === null && few && shape.length > 0 ? numbersOf(dataset.value) : null,
    attributes: attributesOf(dataset),
  };
}

function numbersOf(value: unknown): number[] | null {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return null;
  return Array.from(value as Float64Array | BigInt64Array, Number);
}

function attributesOf(thing: h5wasm.Group | h5wasm.Dataset): Attributes {
  const attributes: Attributes = {};
  for (const [name, attribute] of Object.entries(thing.attrs).slice(0, mostAttributes)) {
    const { metadata } = attribute;
    if (metadata.total_size * metadata.size > mostAttributeBytes) continue;
    const value = plainValue(attribute.value);
    if (value !== undefined) attributes[name] = value;
  }
  return attributes;
}

/** Imaris writes a text as an array of single bytes. */
function plainValue(value: unknown): Attributes[string] | undefined {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return value.every((one) => one.length <= 1) ? Buffer.from(value.join(''), 'latin1').toString('utf8') : value;
  return numbersOf(value) ?? undefined;
}
