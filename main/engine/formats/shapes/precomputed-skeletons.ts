import { z } from 'zod';
import { vertexAttributeSchema } from '../../../../native-workers/shape-tasks.ts';
import { nameOfPlace } from '../place-name.ts';
import { shardingSchema } from '../precomputed/sharding.ts';
import type { Place } from '../volume-format.ts';
import { checkedFolder, folderAt, kindOfFolder, noShape, segmentId, transformField } from './precomputed-folder.ts';
import { entriesOf, idsOfFiles, segmentNames } from './segment-names.ts';
import type { OpenSkeletons, ShapeFormat, ShapeOptions, SkeletonBytes } from './shape-format.ts';
import { ShardedObjects } from './sharded-objects.ts';
import { readStored } from './stored-file.ts';

/** google/neuroglancer, src/datasource/precomputed/skeleton.rst. */
export const precomputedSkeletons: ShapeFormat = {
  id: 'precomputed-skeletons',
  label: 'precomputed skeletons',
  kind: 'skeleton',
  detect: async (place) => {
    const folder = await folderAt(place);
    return folder !== undefined && (await kindOfFolder(folder)) === 'skeletons';
  },
  open: openSkeletons,
};

const infoSchema = z.object({
  transform: transformField,
  vertex_attributes: z.array(vertexAttributeSchema).max(64).default([]),
  sharding: shardingSchema.nullish(),
});

async function openSkeletons(place: Place, { work }: ShapeOptions): Promise<OpenSkeletons> {
  const { source, properties, checked: info } = await checkedFolder(place, infoSchema);
  const shards = info.sharding ? new ShardedObjects(source, info.sharding) : null;
  const names = await segmentNames(properties);
  const listed = shards ? await shards.ids() : await idsOfFiles(source, /^(\d{1,20})(\.gz|\.br)?$/);
  const entries = entriesOf(listed, names);
  return {
    kind: 'skeleton',
    facts: {
      name: nameOfPlace(source.name),
      format: 'precomputed-skeletons',
      unitNm: 1,
      count: listed ? entries.length : null,
      boundsNm: null,
      notes: [],
    },
    keys: () => Promise.resolve(entries),
    skeleton: async (key, signal): Promise<SkeletonBytes> => {
      const id = segmentId(source, key);
      const bytes = shards ? await shards.get(id, signal) : await readStored(source, String(id), signal);
      if (!bytes) throw noShape(source, key);
      const request = {
        format: 'precomputed-skeleton' as const,
        file: key,
        transform: [...info.transform],
        attributes: info.vertex_attributes,
      };
      const [shape] = (await work.parse(request, [bytes])).shapes;
      if (!shape) throw noShape(source, key);
      return { name: names.get(key) || key, nodes: shape.points, edges: shape.links, bytes: shape.bytes };
    },
  };
}
