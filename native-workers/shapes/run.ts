import type { z } from 'zod';
import { isLamellaError, LamellaError } from '../../preload/contract/errors.ts';
import type { Ran } from '../load.ts';
import { shapeTasks, type parseShapeSchema } from '../shape-tasks.ts';
import { cancelWords } from '../tasks.ts';
import { decodeDraco } from './draco.ts';
import { parseGltf } from './gltf.ts';
import { parseLegacyMesh } from './legacy-mesh.ts';
import { parseNml } from './nml.ts';
import { parseObj } from './obj.ts';
import type { Parsed, ShapeFile } from './parse-result.ts';
import { parsePly } from './ply.ts';
import { parsePrecomputedSkeleton } from './precomputed-skeleton.ts';
import { badShape, tooLarge } from './shape-errors.ts';
import { parseStl } from './stl.ts';
import { parseSwc } from './swc.ts';

export type ShapeTask = keyof typeof shapeTasks;

/** Runs a task of meshes and skeletons. Throws 'bad-source' and 'over-budget' that name the file, 'cancelled'. */
export async function runShapes(
  task: ShapeTask,
  header: unknown,
  inputs: readonly Uint8Array[],
  cancel: Int32Array,
): Promise<Ran<ShapeTask>> {
  const [first = new Uint8Array()] = inputs;
  if (task === 'decode-draco') {
    const request = shapeTasks['decode-draco'].input.parse(header);
    const { vertices, triangles, bytes } = await decodeDraco({ ...request, bytes: first });
    return { header: { vertices, triangles }, outputs: [bytes] };
  }
  const { header: facts, shapes } = parse(header, inputs, cancel);
  return {
    header: {
      ...facts,
      shapes: shapes.map(({ name, points, links, boundsNm }) => ({ name, points, links, boundsNm })),
    },
    outputs: shapes.map(({ bytes }) => bytes),
  };
}

const unmoved = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

function parse(header: unknown, inputs: readonly Uint8Array[], cancel: Int32Array): Parsed {
  const request = shapeTasks['parse-shape'].input.parse(header);
  const [bytes = new Uint8Array(), ...others] = inputs;
  const file: ShapeFile = { bytes, name: request.file, unitNm: request.unitNm, beat: () => beat(cancel) };
  try {
    return parsed(request, file, inputs, others);
  } catch (error) {
    if (isLamellaError(error)) throw error;
    // What no check foresaw: lists, texts and buffers that are longer than the language has them.
    throw error instanceof RangeError
      ? tooLarge(file.name, `more than fits the memory (${error.message})`)
      : badShape(file.name, 'it could not be followed', error);
  }
}

function parsed(
  request: z.output<typeof parseShapeSchema>,
  file: ShapeFile,
  inputs: readonly Uint8Array[],
  others: readonly Uint8Array[],
): Parsed {
  switch (request.format) {
    case 'obj':
      return parseObj(file);
    case 'ply':
      return parsePly(file);
    case 'stl':
      return parseStl(file);
    case 'gltf':
      return parseGltf(file, new Map(request.resources.map((name, i) => [name, others[i] ?? new Uint8Array()])));
    case 'swc':
      return parseSwc(file);
    case 'nml':
      return parseNml(file);
    case 'legacy-mesh':
      return parseLegacyMesh(file, inputs);
    case 'precomputed-skeleton':
      return parsePrecomputedSkeleton(file, request.attributes, request.transform ?? unmoved);
  }
}

function beat(cancel: Int32Array): void {
  Atomics.add(cancel, cancelWords.beat, 1);
  if (Atomics.load(cancel, cancelWords.stop) !== 0)
    throw new LamellaError('cancelled', 'The work was cancelled.', { hint: 'Start it again.' });
}
