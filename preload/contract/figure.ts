import { z } from 'zod';
import { command, query } from './define.ts';
import { pathRefSchema } from './reference.ts';

/**
 * Files that the window makes: figures and movies. They are sent in parts, as base64 because inputs are plain JSON, to a
 * temporary file beside the place that the user chose, and take its name when they are whole.
 */
const inFile = { file: z.string().max(80) };

export const figureProcedures = {
  begin: command({
    doc: 'Begin a file that the window makes, where the user said; nothing is there until it is finished.',
    input: z.object({ out: pathRefSchema }),
    output: z.object({ file: z.string() }),
    example: { out: 'figure.png' },
  }),
  write: command({
    doc: 'Write a part of a file that was begun, at a byte; parts may come in any order.',
    input: z.object({
      ...inFile,
      at: z
        .number()
        .int()
        .min(0)
        .max(2 ** 40),
      base64: z.string().max(12_000_000),
    }),
    output: z.object({ bytes: z.number().int() }),
    example: { file: 'file-0a1b2c3d4e5f', at: 0, base64: 'AAAA' },
  }),
  finish: command({
    doc: 'Make a file that was begun whole: synced, and under its name. With `discard`, it is deleted instead.',
    input: z.object({ ...inFile, discard: z.boolean().default(false) }),
    output: z.object({ bytes: z.number().int(), sha256: z.string(), name: z.string() }),
    example: { file: 'file-0a1b2c3d4e5f' },
  }),
  read: query({
    doc: 'Read a small text file that the user chose: a Neuroglancer state, a table of label names.',
    input: z.object({ file: pathRefSchema }),
    output: z.object({ text: z.string(), bytes: z.number().int() }),
    example: { file: 'state.json' },
  }),
};
