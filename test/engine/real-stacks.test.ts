// The 1,227-tile section of a real TEM volume, before and after it was aligned by others.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempEngine } from './temp-engine.ts';

const folder = join(import.meta.dirname, '../../../shared/data/tilespecs');
const [before, after] = [join(folder, '20141216_863_montage.2119.json'), join(folder, '20141216_863_align.2119.json')];
const isHere = existsSync(before) && existsSync(after);

interface Leaf {
  readonly className: string;
  readonly dataString: string;
}
interface Spec {
  readonly tileId: string;
  readonly z: number;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
  readonly width: number;
  readonly height: number;
  readonly transforms: { readonly specList: readonly Leaf[] };
}
const specsIn = (file: string): readonly Spec[] => JSON.parse(readFileSync(file, 'utf8')) as Spec[];

/** Where a tilespec leads a point, written from Render's documentation: term by term, without Lamella's maps. */
function lead({ transforms }: Spec, [x0, y0]: readonly [number, number]): readonly [number, number] {
  let [x, y] = [x0, y0];
  for (const { className, dataString } of transforms.specList) {
    const n = dataString.trim().split(/\s+/).map(Number);
    if (className.endsWith('AffineModel2D')) {
      const [a, b, c, d, e, f] = n as [number, number, number, number, number, number];
      [x, y] = [a * x + c * y + e, b * x + d * y + f];
      continue;
    }
    const [degree, terms] = n as [number, number];
    const expanded: number[] = [];
    for (let i = 1; i <= degree; i++) for (let j = i; j >= 0; j--) expanded.push(x ** j * y ** (i - j));
    const [beta, mean, deviation] = [n.slice(2), n.slice(2 + 2 * terms), n.slice(2 + 3 * terms)];
    const values = expanded.map((value, k) => (value - mean[k]!) / deviation[k]!).concat(100);
    const sum = (axis: 0 | 1): number => values.reduce((total, value, k) => total + value * beta[2 * k + axis]!, 0);
    [x, y] = [sum(0), sum(1)];
  }
  return [x, y];
}

const probesOf = ({ width, height }: Spec): readonly (readonly [number, number])[] =>
  [0.03, 0.28, 0.5, 0.77, 0.98].flatMap((u) => [0.02, 0.5, 0.97].map((v) => [u * width, v * height] as const));

test.skipIf(!isHere)('probe points of the section are carried to where its aligned tilespecs put them', async () => {
  const { client, library, result } = tempEngine();
  const first = await result<{ stack: string; dataset: string; warnings: readonly { message: string }[] }>(
    client.stack.import({ library, source: before }),
  );
  expect(first.warnings.map(({ message }) => message).join()).toMatch(/images of 1227 of 1227 tiles/);
  const second = await result<{ stack: string; tiles: number; unplaced: number; unknown: number }>(
    client.stack.import({ library, source: after, dataset: first.dataset }),
  );
  expect(second).toMatchObject({ tiles: 1227, unplaced: 0, unknown: 0 });

  const [montage, aligned] = [specsIn(before), new Map(specsIn(after).map((spec) => [spec.tileId, spec]))];
  const probes = montage.flatMap((spec) => probesOf(spec).map((local) => ({ spec, local })));
  expect(probes.length).toBeGreaterThan(10_000);
  const points = probes.map(({ spec, local }) => {
    const [x, y] = lead(spec, local);
    return { x, y, section: spec.z };
  });
  const { value } = await client.stack.carryPoints({ library, stack: first.stack, to: second.stack, points });
  expect(value.carried).toBe(points.length);

  // Where tiles overlap, the one on top carries: its own place for the point is the truth then.
  const byId = new Map(montage.map((spec) => [spec.tileId, spec]));
  const { value: shown } = await client.stack.worldToLocal({ library, stack: first.stack, points });
  let [worst, own] = [0, 0];
  value.points.forEach(({ place, through }, k) => {
    const top = shown.points[k]!.tiles.find(({ visible }) => visible)!;
    expect(through).toBe(top.name);
    const there = lead(byId.get(top.name)!, [top.x, top.y]);
    expect(Math.hypot(there[0] - points[k]!.x, there[1] - points[k]!.y)).toBeLessThan(1e-6);
    const truth = lead(aligned.get(top.name)!, top.name === probes[k]!.spec.tileId ? probes[k]!.local : [top.x, top.y]);
    if (top.name === probes[k]!.spec.tileId) own++;
    worst = Math.max(worst, Math.hypot(place!.x - truth[0], place!.y - truth[1]));
  });
  expect(own).toBeGreaterThan(9_000);
  expect(worst).toBeLessThan(0.01);
});

test.skipIf(!isHere)("bounds of the section's tiles are those that Render wrote", async () => {
  const { client, library, result } = tempEngine();
  const { stack } = await result<{ stack: string }>(client.stack.import({ library, source: after }));
  const { value } = await client.stack.describe({ library, stack });
  const specs = specsIn(after);
  const { bounds, ...counts } = value.stats;
  expect(counts).toEqual({
    sectionCount: 1,
    nonIntegralSectionCount: 0,
    tileCount: 1227,
    transformCount: 0,
    minTileWidth: 2560,
    maxTileWidth: 2560,
    minTileHeight: 2160,
    maxTileHeight: 2160,
    channelNames: [''],
  });
  // Render rounds, and looks at its own mesh.
  expect(Math.abs(bounds!.minX - Math.min(...specs.map(({ minX }) => minX)))).toBeLessThan(2);
  expect(Math.abs(bounds!.minY - Math.min(...specs.map(({ minY }) => minY)))).toBeLessThan(2);
  expect(Math.abs(bounds!.maxX - Math.max(...specs.map(({ maxX }) => maxX)))).toBeLessThan(2);
  expect(Math.abs(bounds!.maxY - Math.max(...specs.map(({ maxY }) => maxY)))).toBeLessThan(2);
});

test.skipIf(!isHere)('the section comes out as the JSON that came in', async () => {
  const { client, library, result, folder: at } = tempEngine();
  const { stack } = await result<{ stack: string }>(client.stack.import({ library, source: after }));
  const out = join(at, 'out.json');
  await client.stack.export({ library, stack, out });
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(JSON.parse(readFileSync(after, 'utf8')));
});

if (!isHere) console.warn('skipped: real stacks, because ../shared/data/tilespecs is not here');
