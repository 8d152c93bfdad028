import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { shapeFormats } from '../../main/engine/formats/shapes/index.ts';
import type { OpenMeshes, OpenShapes } from '../../main/engine/formats/shapes/shape-format.ts';
import { memorySource } from './memory-source.ts';
import { meshOf, shapeOptions, skeletonOf } from './shape-work.ts';

/** Written by fixtures/make_shapes.py: what other programs wrote, and what they say of it. */
const fixtures = z
  .record(
    z.string(),
    z.object({
      files: z.record(z.string(), z.base64()),
      key: z.string(),
      object: z.string().optional(),
      triangles: z.number().optional(),
      nodes: z.number().optional(),
      edges: z.number().optional(),
      radiusSum: z.number().optional(),
      /** Of x, y and z over the corners of all triangles, or over all nodes. */
      cornerSum: z.array(z.number()),
    }),
  )
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'shapes.json'), 'utf8')));

async function open(files: Readonly<Record<string, Uint8Array>>, key: string): Promise<OpenShapes> {
  const place = { source: { ...memorySource(files), pathOf: (one: string) => one }, key };
  for (const format of shapeFormats) if (await format.detect(place)) return format.open(place, shapeOptions(1));
  throw new Error('no format');
}

const sumsOf = (positions: Float32Array, order: Iterable<number>): number[] => {
  const sums = [0, 0, 0];
  for (const i of order)
    for (let axis = 0; axis < 3; axis++) sums[axis] = (sums[axis] ?? 0) + (positions[i * 3 + axis] ?? NaN);
  return sums;
};

/** Sums of float32 against sums of doubles: half a unit in the last place of each corner, at most. */
function expectSums(sums: readonly number[], wanted: readonly number[]): void {
  for (const [axis, sum] of sums.entries())
    expect(Math.abs(sum - (wanted[axis] ?? 0))).toBeLessThan(Math.abs(sum) * 2 ** -24);
}

async function finest(set: OpenMeshes, key: string): Promise<{ triangles: number; sums: number[] }> {
  const { levels } = await set.manifest(key);
  const all = { triangles: 0, sums: [0, 0, 0] };
  for (const box of (levels[0]?.bytes ?? []).keys()) {
    const mesh = await set.mesh({ key, level: 0, box });
    const { positions, indices } = meshOf(mesh);
    all.triangles += mesh.triangles;
    all.sums = sumsOf(positions, indices).map((sum, axis) => sum + (all.sums[axis] ?? 0));
    const [x0 = 0, y0 = 0, z0 = 0, x1 = 0, y1 = 0, z1 = 0] = levels[0]?.boxesNm.slice(box * 6, box * 6 + 6) ?? [];
    for (let i = 0; i < positions.length; i += 3) {
      const [x = NaN, y = NaN, z = NaN] = positions.subarray(i, i + 3);
      // The boxes are doubles, and the positions are rounded to float32.
      const room = 1e-3;
      expect(
        x >= x0 - room && x <= x1 + room && y >= y0 - room && y <= y1 + room && z >= z0 - room && z <= z1 + room,
      ).toBe(true);
    }
  }
  return all;
}

describe('shapes that other programs wrote', () => {
  it.each(Object.entries(fixtures))('%s', async (_, { files, key, object = key, ...truth }) => {
    const bytes = Object.fromEntries(
      Object.entries(files).map(([name, data]) => [name, new Uint8Array(Buffer.from(data, 'base64'))]),
    );
    const set = await open(bytes, key);
    expect((await set.keys()).map((entry) => entry.key)).toContain(object);
    if (set.kind === 'mesh') {
      const { triangles, sums } = await finest(set, object);
      expect(triangles).toBe(truth.triangles);
      expectSums(sums, truth.cornerSum);
    } else {
      const found = await set.skeleton(object);
      const { positions, radii } = skeletonOf(found);
      expect([found.nodes, found.edges]).toEqual([truth.nodes, truth.edges]);
      expect(radii.reduce((sum, radius) => sum + radius, 0)).toBe(truth.radiusSum);
      expectSums(sumsOf(positions, radii.keys()), truth.cornerSum);
    }
  });
});

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'formats', 'nml');
const present = existsSync(folder);
if (!present) console.warn('skipped: NML of webKnossos (../shared/data/formats/nml is not there)');

describe.skipIf(!present)('NML of webKnossos', () => {
  it.each(present ? readdirSync(folder).filter((name) => name.endsWith('.nml')) : [])(
    '%s: a tree a thing, with its nodes and edges',
    async (name) => {
      const bytes = new Uint8Array(readFileSync(join(folder, name)));
      const set = await open({ [name]: bytes }, name);
      if (set.kind !== 'skeleton') throw new Error('no skeletons');
      const text = new TextDecoder().decode(bytes);
      const things = text.split('<thing ').slice(1);
      const keys = await set.keys();
      expect(keys).toHaveLength(things.length);
      for (const [i, { key }] of keys.entries()) {
        const count = (element: string): number => things[i]?.match(new RegExp(`<${element} `, 'g'))?.length ?? 0;
        expect(await set.skeleton(key)).toMatchObject({ nodes: count('node'), edges: count('edge') });
      }
    },
  );
});
