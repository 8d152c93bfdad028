import { z } from 'zod';
import { brickAddressSchema } from './brick.ts';
import { query, stream } from './define.ts';
import { volumeSchema } from './library.ts';
import { idSchema, inLibrary } from './reference.ts';

const inVolume = { ...inLibrary, volume: idSchema };
const exampleVolume = { library: 'my-library', volume: 'volume-0a1b2c3d4e5f' };

export const viewProcedures = {
  volume: query({
    doc: 'Describe a volume of the library: levels, brick sizes, voxel sizes, channels, display.',
    input: z.object(inVolume),
    output: volumeSchema,
    example: exampleVolume,
  }),
  bricks: stream({
    doc: 'Stream the bricks asked for, as `display` says, in the order asked for, batched; cancel to ask for others.',
    input: z.object({
      ...inVolume,
      channel: z.number().int().min(0).default(0),
      time: z.number().int().min(0).default(0),
      bricks: z.array(brickAddressSchema).min(1).max(8192),
      /** Bricks that will be wanted soon: read into the cache, not sent. */
      ahead: z.boolean().default(false),
    }),
    output: z.object({
      bricks: z.number().int(),
      fromCache: z.number().int(),
      /** Bricks that could not be had because the source does not answer. */
      offline: z.number().int().default(0),
    }),
    example: { ...exampleVolume, bricks: [[0, 0, 0, 0]] },
  }),
};
