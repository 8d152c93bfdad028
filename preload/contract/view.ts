import { z } from 'zod';
import { brickAddressSchema } from './brick.ts';
import { command, query, stream } from './define.ts';
import { wireErrorSchema } from './errors.ts';
import { volumeSchema } from './library.ts';
import { idSchema, inLibrary, isoTimeSchema, sourceRefSchema } from './reference.ts';
import { freshDocument, viewDocumentSchema } from './view-state.ts';
import { allowServerSchema } from './volume.ts';

const inVolume = { ...inLibrary, volume: idSchema };
const exampleVolume = { library: 'my-library', volume: 'volume-0a1b2c3d4e5f' };

/** Where panes lie in the dock, as dockview writes it; kept, never read by the engine. */
const dockSchema = z.string().max(200_000).default('');

export const savedViewSchema = z.object({
  id: idSchema,
  name: z.string(),
  document: viewDocumentSchema,
  dock: dockSchema,
  /** A small PNG as a data URL, to know it again by; '' where there is none. */
  picture: z.string().max(200_000).default(''),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type SavedView = z.infer<typeof savedViewSchema>;

/**
 * Tiles are drawn as a volume that nobody wrote: its bricks are made of tiles when they are asked for. Its id follows from
 * what it shows.
 */
export function mosaicIdOf({ dataset, stack }: { readonly dataset: string; readonly stack: string | null }): string {
  return stack === null ? dataset.replace(/^dataset-/, 'stagetiles-') : stack.replace(/^stack-/, 'stacktiles-');
}

/** What the id of such a volume shows; null for the id of any other. */
export function mosaicOf(
  volume: string,
): { readonly dataset: string; readonly stack: null } | { readonly dataset: null; readonly stack: string } | null {
  if (volume.startsWith('stagetiles-')) return { dataset: volume.replace('stagetiles-', 'dataset-'), stack: null };
  return volume.startsWith('stacktiles-') ? { dataset: null, stack: volume.replace('stacktiles-', 'stack-') } : null;
}

const viewName = z.string().min(1).max(200);
const exampleView = { library: 'my-library', view: 'view-0a1b2c3d4e5f' };

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
      /** Bricks that could not be had because the source does not answer, is gone, or is another than was added. */
      offline: z.number().int().default(0),
      /** What is wrong with the source, where there are such: once a request. */
      away: wireErrorSchema.optional(),
      /** Why a part of a brick that was sent is missing: once a request. */
      problem: wireErrorSchema.optional(),
    }),
    example: { ...exampleVolume, bricks: [[0, 0, 0, 0]] },
  }),
  mosaic: query({
    doc: 'Describe the tiles of a dataset, or of one of its stacks, as a volume whose bricks are made when they are asked for.',
    input: z.object({ ...inLibrary, dataset: idSchema, stack: idSchema.nullable().default(null) }),
    output: z.object({ volume: volumeSchema, tiles: z.number().int() }),
    example: { library: 'my-library', dataset: 'dataset-0a1b2c3d4e5f' },
  }),
  tilesIn: query({
    doc: 'Outlines and names of the tiles in a part of a section of the volume that `mosaic` describes.',
    input: z.object({
      ...inVolume,
      /** Of the volume, from 0. */
      section: z.number().int().min(0),
      /** Left, top, right, bottom, in nanometres. */
      rectNm: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      most: z.number().int().min(1).max(2000).default(500),
    }),
    output: z.object({
      tiles: z.array(
        z.object({
          name: z.string(),
          /** x and y of the corners, around the tile. */
          outlineNm: z.array(z.tuple([z.number(), z.number()]).readonly()).length(4),
        }),
      ),
      /** Tiles there, given or not. */
      total: z.number().int(),
    }),
    example: { library: 'my-library', volume: 'stagetiles-0a1b2c3d4e5f', section: 0, rectNm: [0, 0, 8000, 8000] },
  }),
  stateAt: query({
    doc: 'Read the Neuroglancer state that lies at a public address (http, https, gs, s3): JSON of up to 4 MiB, as text.',
    input: z.object({ source: sourceRefSchema, allowPrivate: allowServerSchema }),
    output: z.object({ text: z.string() }),
    example: { source: 'gs://my-bucket/state.json' },
  }),
  list: query({
    doc: 'The named views of a library, newest first.',
    input: z.object(inLibrary),
    output: z.object({ views: z.array(savedViewSchema) }),
    example: { library: 'my-library' },
  }),
  save: command({
    doc: 'Keep a view under a name; with `view`, in the place of that one. Undoable.',
    input: z.object({
      ...inLibrary,
      view: idSchema.optional(),
      name: viewName,
      document: viewDocumentSchema,
      dock: dockSchema,
      picture: z.string().max(200_000).default(''),
    }),
    output: savedViewSchema,
    example: { library: 'my-library', name: 'Dendrite 12', document: freshDocument },
  }),
  rename: command({
    doc: 'Give a named view another name. Undoable.',
    input: z.object({ ...inLibrary, view: idSchema, name: viewName }),
    output: savedViewSchema,
    example: { ...exampleView, name: 'Dendrite 12, apical' },
  }),
  forget: command({
    doc: 'Remove a named view. Undoable.',
    input: z.object({ ...inLibrary, view: idSchema }),
    output: z.object({ removed: z.boolean() }),
    example: exampleView,
  }),
};
