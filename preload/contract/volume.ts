import { z } from 'zod';
import { brickAddressSchema } from './brick.ts';
import { command, query, stream } from './define.ts';
import { volumeSchema } from './library.ts';
import { idSchema, inLibrary, pathRefSchema } from './reference.ts';
import { boxTextSchema, dtypeSchema } from './space.ts';

const inVolume = { ...inLibrary, volume: idSchema };
const exampleVolume = { library: 'my-library', volume: 'volume-0a1b2c3d4e5f' };

export const viewProcedures = {
  volume: query({
    doc: 'Describe a volume: levels, brick sizes, voxel sizes, display window.',
    input: z.object(inVolume),
    output: volumeSchema,
    example: exampleVolume,
  }),
  bricks: stream({
    doc: 'Stream the bricks asked for, in the order asked for, batched; cancel to ask for others.',
    input: z.object({ ...inVolume, bricks: z.array(brickAddressSchema).min(1).max(8192) }),
    output: z.object({ bricks: z.number().int(), fromCache: z.number().int() }),
    example: { ...exampleVolume, bricks: [[0, 0, 0, 0]] },
  }),
  histogram: query({
    doc: 'The 256-bin histogram of a volume, from its coarsest level of at least a million voxels.',
    input: z.object(inVolume),
    output: z.object({ counts: z.array(z.number()), range: z.tuple([z.number(), z.number()]) }),
    example: exampleVolume,
  }),
  cutout: query({
    doc: 'Any box of any level, as bytes (z, y, x order) and, with --out, as a NumPy .npy file.',
    input: z.object({
      ...inVolume,
      box: boxTextSchema.describe('x0:x1,y0:y1,z0:z1 in voxels of the level'),
      level: z.number().int().min(0).default(0),
      out: pathRefSchema.optional().describe('FILE.npy to write'),
    }),
    output: z.object({
      shapeZyx: z.array(z.number()),
      dtype: dtypeSchema,
      file: z.string().nullable(),
      sha256: z.string(),
    }),
    example: { ...exampleVolume, box: '0:512,0:512,0:1', level: 0, out: 'cutout.npy' },
  }),
  remove: command({
    doc: 'Take a volume out of the library; undoable; its files stay until the library is swept.',
    input: z.object(inVolume),
    output: z.object({ removed: z.boolean() }),
    example: exampleVolume,
  }),
};
