// Tile stacks and render-python: both read what the other writes, and lead points alike; its client asks our service.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { RunPython } from '../bench/peer-python.ts';
import { resultOf } from '../engine/follow-job.ts';
import { jsonOf, peerOrSkip } from './peer.ts';
import type { Line } from './volumes.ts';

type Points = Readonly<Record<string, readonly (readonly [number, number])[]>>;

const reader = 'render-python 2.4.2';
/** Its lens classes reckon with 32-bit coefficients, which the tiles have; what is left is rounding. */
const mostPx = { affine: 1e-9, bent: 1e-6 } as const;
const isAffine = (tile: string): boolean => /^(affine|translation|rigid|similarity|reference to a list)$/.test(tile);

export async function compareStacks(folder: string): Promise<readonly Line[]> {
  const run = await peerOrSkip(['render-python==2.4.2']);
  if (!run) return [];
  mkdirSync(folder, { recursive: true });
  await run('stacks.py', 'make', folder);
  const engine = createEngine({ threads: 2 });
  try {
    return await compareAll(run, engine.client(), folder);
  } finally {
    await engine.close();
  }
}

async function compareAll(run: RunPython, client: LamellaClient, folder: string): Promise<readonly Line[]> {
  const [library, source, pointsFile] = ['library', 'tiles.json', 'points.json'].map((name) => join(folder, name));
  const at = { client, library: library!, points: JSON.parse(readFileSync(pointsFile!, 'utf8')) as Points };
  const theirs = (file: string): Promise<Points> => jsonOf<Points>(run, 'stacks.py', 'lead', file, pointsFile!);
  const { stack } = await resultOf<{ stack: string }>(
    client,
    at.library,
    client.stack.import({ library: at.library, source: source! }),
  );
  const lines = compare('as written by it', await theirs(source!), await led(at, stack));

  const plain = join(folder, 'exported.json');
  await client.stack.export({ library: at.library, stack, out: plain });
  lines.push(...compare('as exported', await theirs(plain), await led(at, stack)));
  lines.push(sameSpecs(source!, plain));

  const { stack: moved } = await client.solve.move({
    ...{ library: at.library, stack, byXPx: 12.5, byYPx: -3.25, hold: 'pinned' },
    tiles: await tileNumbers(at, stack),
  });
  const movedFile = join(folder, 'moved.json');
  await client.stack.export({ library: at.library, stack: moved, out: movedFile });
  lines.push(...compare('moved, then exported', await theirs(movedFile), await led(at, moved)));
  lines.push(...(await asked(run, at, moved, pointsFile!)));
  return lines;
}

interface At {
  readonly client: LamellaClient;
  readonly library: string;
  readonly points: Points;
}

async function tileNumbers({ client, library }: At, stack: string): Promise<number[]> {
  return (await client.stitch.placements({ library, stack })).value.placements.map(({ tile }) => tile);
}

/** Where Lamella leads the points. */
async function led({ client, library, points }: At, stack: string): Promise<Points> {
  const asked = Object.entries(points).flatMap(([name, all]) => all.map(([x, y]) => ({ name, x, y })));
  const { value } = await client.stack.localToWorld({ library, stack, points: asked });
  const found: Record<string, [number, number][]> = {};
  value.points.forEach(({ place }, i) => {
    (found[asked[i]!.name] ??= []).push([place?.x ?? NaN, place?.y ?? NaN]);
  });
  return found;
}

function compare(what: string, theirs: Points, ours: Points): Line[] {
  return Object.entries(ours).map(([tile, places]) => {
    const off = places.reduce((most, [x, y], i) => {
      const [u, v] = theirs[tile]?.[i] ?? [NaN, NaN];
      const gap = Math.hypot(x - u, y - v);
      return gap <= most ? most : gap;
    }, 0);
    const ok = off <= (isAffine(tile) ? mostPx.affine : mostPx.bent);
    return { id: `${tile}, ${what}`, reader, ok, detail: `up to ${off} px apart over ${places.length} points` };
  });
}

/** Every field of every tilespec that render-python wrote comes back. */
function sameSpecs(source: string, exported: string): Line {
  const read = (file: string): string => JSON.stringify(sorted(JSON.parse(readFileSync(file, 'utf8'))));
  const ok = read(source) === read(exported);
  return { id: 'fields of tilespecs', reader, ok, detail: 'the export is not the JSON that came in' };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

interface Said {
  readonly z: readonly number[];
  readonly bounds: Readonly<Record<string, number>>;
  readonly sections: readonly { readonly sectionId: string; readonly z: number; readonly tileCount: number }[];
  readonly zOfSection: Readonly<Record<string, number>>;
  readonly state: string;
  readonly ids: readonly string[];
  readonly seen: readonly string[];
  readonly led: Points;
  readonly worlds: Points;
}

/** Its client, at our service. */
async function asked(run: RunPython, at: At, stack: string, pointsFile: string): Promise<readonly Line[]> {
  const { client, library, points } = at;
  const stopping = new AbortController();
  let serving: Promise<void> = Promise.resolve();
  const { address, token } = await new Promise<{ address: string; token: string }>((resolve, reject) => {
    serving = client.render.serve({ library }, { signal: stopping.signal, onValue: resolve });
    serving.catch(reject);
  });
  try {
    const { hostname, port } = new URL(address);
    const { stacks } = (await client.stack.list({ library })).value;
    const project = stacks.find(({ id }) => id === stack)?.dataset ?? '';
    const [owner] = (await (
      await fetch(`${address}/v1/owners`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as string[];
    const args = [hostname, port, token, owner!, project, stack, pointsFile];
    const said = await jsonOf<Said>(run, 'stacks.py', 'ask', ...args);
    const ours = await led(at, stack);
    const { bounds } = (await client.stack.describe({ library, stack })).value.stats;
    const names = Object.keys(points).toSorted().join();
    const facts = [
      ['tile ids', said.ids.toSorted().join() === names && said.seen.toSorted().join() === names],
      ['bounds', JSON.stringify(sorted(said.bounds)) === JSON.stringify(sorted(bounds))],
      ['state', said.state === 'COMPLETE'],
      ['sections', said.sections.map(({ z, tileCount }) => `${z}: ${tileCount}`).join() === countsOf(said, at)],
      ['z of sections', said.sections.every(({ sectionId, z }) => said.zOfSection[sectionId] === z)],
    ] as const;
    return [
      ...compare('asked of the service', said.led, ours),
      ...compare('led by the service', said.worlds, ours),
      ...facts.map(([id, ok]): Line => ({
        id: `${id} of the service`,
        reader,
        ok,
        detail: JSON.stringify(said.sections),
      })),
    ];
  } finally {
    stopping.abort();
    await serving.catch(() => undefined);
  }
}

/** Tiles are eight a section. */
const countsOf = ({ z }: Said, { points }: At): string =>
  z.map((one, i) => `${one}: ${Math.min(8, Object.keys(points).length - 8 * i)}`).join();
