import { z } from 'zod';
import { query, stream } from './define.ts';
import { idSchema, inLibrary, pathRefSchema } from './reference.ts';
import { dtypeSchema } from './space.ts';

export const tileBlendSchema = z
  .enum(['feather', 'nearest-centre', 'top'])
  .describe('seams fade; or the tile whose centre is nearest; or the tile that comes last, as Render draws');
export const shownLevelsSchema = z
  .enum(['shown', 'stored'])
  .describe("8 bits, each tile's range of grey levels from black to white; or levels as stored");
export const pictureFormatSchema = z.enum(['png', 'jpeg', 'tiff', 'raw']);

const scale = z.number().positive().max(64);

const picture = {
  scale: scale.default(1).describe('pixels of the picture a pixel of the stack'),
  channel: z.string().max(200).default('').describe('a channel of the tiles; their own picture where left out'),
  levels: shownLevelsSchema.default('shown'),
  blend: tileBlendSchema.default('feather'),
  format: pictureFormatSchema.default('png'),
  quality: z.number().int().min(1).max(100).default(85).describe('of a JPEG'),
  out: pathRefSchema.optional().describe('the file to write: .png, .jpg, .tif or .raw, as the format says'),
};

const inStack = { ...inLibrary, stack: idSchema };

/** The bytes beside it are the picture, in the format that was asked for. */
export const renderedSchema = z.object({
  widthPx: z.number(),
  heightPx: z.number(),
  dtype: dtypeSchema,
  /** Pixels that some tile covers. */
  coveredPx: z.number(),
  tiles: z.number(),
  /** What is missing of it, and why. */
  problems: z.array(z.string()),
  file: z.string().nullable(),
});

export const renderProcedures = {
  box: query({
    doc: 'A picture of any box of a section of a stack version, at any scale, straight from its tiles.',
    input: z.object({
      ...inStack,
      section: z.number(),
      x: z.number().describe('left edge, pixels of the stack'),
      y: z.number().describe('upper edge'),
      width: z.number().positive().describe('pixels of the stack'),
      height: z.number().positive(),
      ...picture,
    }),
    output: renderedSchema,
    example: { library: 'my-library', stack: 'stack-0a1b2c3d4e5f', section: 0, x: 0, y: 0, width: 1024, height: 1024 },
  }),
  tile: query({
    doc: 'A picture of one tile: as it was taken, its mask, where the stack puts it, or with its neighbours.',
    input: z.object({
      ...inStack,
      tile: z.string().min(1).max(1000).describe('its name, as the layout gives it'),
      part: z.enum(['source', 'mask', 'placed', 'neighbours']).default('placed'),
      ...picture,
    }),
    output: renderedSchema,
    example: { library: 'my-library', stack: 'stack-0a1b2c3d4e5f', tile: 's0_r0_c0', part: 'source' },
  }),
  serve: stream({
    doc: "Serve the library to other programs of this computer by Render's web interface, until cancelled; only those who have the token get an answer.",
    input: z.object({
      ...inLibrary,
      port: z.number().int().min(0).max(65_535).default(0).describe('0: one that is free'),
      writable: z.boolean().default(false).describe('let others set states of stacks and put tiles into new versions'),
      origin: z
        .string()
        .regex(/^https?:\/\/[^/\s,*]+$/, 'an origin looks like http://localhost:8000')
        .optional()
        .describe('a web page that may read from it, by its origin; none where left out'),
    }),
    output: z.object({
      address: z.string(),
      token: z.string(),
      answered: z.number().int(),
      failed: z.number().int(),
    }),
    example: { library: 'my-library' },
  }),
};
