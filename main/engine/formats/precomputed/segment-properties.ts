import { z } from 'zod';
import { below, type ByteSource } from '../byte-store.ts';
import { badFile, isSafeKey, readCheckedJson } from '../checked-json.ts';
import { labelId, labelText, mostNamedLabels, type NamedLabel } from '../named-label.ts';

/** google/neuroglancer, src/datasource/precomputed/segment_properties.rst: the names, descriptions and tags of segments. */
const propertySchema = z.object({
  id: z.string().max(1000).default(''),
  type: z.string(),
  values: z.array(z.unknown()).default([]),
  tags: z.array(z.string()).optional(),
});
const infoSchema = z.object({
  '@type': z.literal('neuroglancer_segment_properties'),
  inline: z
    .object({
      ids: z.array(z.union([z.string(), z.number()])).max(mostNamedLabels),
      properties: z.array(propertySchema).max(1000).default([]),
    })
    .optional(),
});
type Property = z.output<typeof propertySchema>;

/** Properties of a whole brain's neurons are no small file. */
const mostBytes = 64 * 2 ** 20;

/**
 * Reads the folder that `segment_properties` of a volume names. Throws 'bad-source' naming file and field; an id that is
 * no number is left out.
 */
export async function readSegmentProperties(volume: ByteSource, folder: string): Promise<readonly NamedLabel[]> {
  const key = folder.replace(/^\.\//, '').replace(/\/$/, '');
  if (!isSafeKey(key))
    throw badFile(volume, 'info', `segment_properties leads out of the dataset ("${folder.slice(0, 200)}")`);
  const info = await readCheckedJson(below(volume, key), 'info', infoSchema, { exact: true, mostBytes });
  if (!info) throw badFile(volume, `${key}/info`, 'there is no such file, though the info of the volume names it');
  const { ids, properties } = info.inline ?? { ids: [], properties: [] };
  const wordsOf = textsOf(properties);
  return ids.flatMap((given, i) => {
    const id = labelId(given);
    return id === null ? [] : [{ id, ...wordsOf(i), colour: null }];
  });
}

function textsOf(
  properties: readonly Property[],
): (index: number) => { readonly name: string; readonly about: string } {
  const ofType = (type: string): Property | undefined => properties.find((property) => property.type === type);
  const [label, description, tags] = [ofType('label'), ofType('description'), ofType('tags')];
  const others = properties.filter(({ type }) => type === 'string');
  return (i) => {
    const told = [description?.values[i], ...tagsAt(tags, i), ...others.map(({ values }) => values[i])];
    const [name = '', ...about] = [label?.values[i], ...told].map(labelText).filter((text) => text !== '');
    return { name, about: labelText(about.join(' · ')) };
  };
}

/** The values of tags are lists of numbers of tags. */
function tagsAt(property: Property | undefined, index: number): readonly (string | undefined)[] {
  const numbers = property?.values[index];
  return Array.isArray(numbers) ? numbers.map((number) => property?.tags?.[Number(number)]) : [];
}
