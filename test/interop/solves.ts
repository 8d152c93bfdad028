// The global solve against BigFeta: the same exported tilespecs and matches, residuals reckoned by render-python.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { RunPython } from '../bench/peer-python.ts';
import { acquireTiles } from '../engine/acquisition.ts';
import { resultOf } from '../engine/follow-job.ts';
import { jsonOf, peerOrSkip } from './peer.ts';
import type { Line } from './volumes.ts';

const reader = 'BigFeta 1.1.4';
const real = join(import.meta.dirname, '../../../shared/data/point-matches');
const models = { AffineModel: 'affine', SimilarityModel: 'similarity', TranslationModel: 'translation' } as const;

type Model = (typeof models)[keyof typeof models];

interface At {
  readonly client: LamellaClient;
  readonly library: string;
  readonly run: RunPython;
  readonly folder: string;
}

/** Tiles at their stage places, and their matches, of tile pixels. */
interface Problem {
  /** Where no stage says where tiles lie, their places at 0, 0 are held to as little as BigFeta holds them. */
  readonly lambda?: number;
  readonly name: string;
  readonly dataset: string;
  readonly matches: string;
}

export async function compareSolves(folder: string): Promise<readonly Line[]> {
  const run = await peerOrSkip(['bigfeta==1.1.4', 'render-python==2.4.2', 'setuptools<81']);
  if (!run) return [];
  mkdirSync(folder, { recursive: true });
  const engine = createEngine({ threads: 2 });
  const at = { client: engine.client(), library: join(folder, 'library'), run, folder };
  const lines: Line[] = [];
  try {
    if (!existsSync(real)) console.warn(`skipped: ${real} is not there, so no real matches are solved`);
    const problems = [simulated(at), ...(existsSync(real) ? [montage(at), roughly(at)] : [])];
    for (const problem of problems) lines.push(...(await compareModels(at, await problem)));
  } finally {
    await engine.close();
  }
  return lines;
}

const stackIn = (at: At, started: Promise<{ job: string }>): Promise<{ stack: string; dataset: string }> =>
  resultOf(at.client, at.library, started);

/** Tiles of a simulated microscope, matched by Lamella. */
async function simulated(at: At): Promise<Problem> {
  const { client, library, folder } = at;
  const source = join(folder, 'tiles');
  acquireTiles(source, { rows: 4, cols: 4, tilePx: 160, overlapPx: 48, seed: 3 });
  const layout = 'tiles:TileConfiguration.txt';
  const { dataset } = await stackIn(at, client.ingest.start({ library, source, layout }));
  const { stack } = await stackIn(at, client.stitch.start({ library, dataset, model: 'translation' }));
  const matches = join(folder, 'simulated.json');
  await client.solve.exportMatches({ library, stack, out: matches });
  return { name: 'simulated 4 x 4', dataset, matches };
}

/** Nine tiles of a TEMCA; matches are of places after the lens correction, which is left out. */
async function montage(at: At): Promise<Problem> {
  const specs = JSON.parse(readFileSync(join(real, 'solver_raw_tiles_for_montage.json'), 'utf8')) as Spec[];
  const plain = specs.map((spec) => ({ ...spec, transforms: { specList: spec.transforms.specList.slice(-1) } }));
  return imported(at, 'real montage', plain, join(real, 'solver_montage_pointmatches.json'));
}

interface Spec {
  readonly transforms: { readonly specList: readonly unknown[] };
}

/** Three pictures of whole sections, as rough alignment takes them: all lie at 0, 0. */
async function roughly(at: At): Promise<Problem> {
  const file = join(real, 'rough_align_point_matches.json');
  const matches = JSON.parse(readFileSync(file, 'utf8')) as {
    pId: string;
    pGroupId: string;
    qId: string;
    qGroupId: string;
  }[];
  const sections = new Map(
    matches.flatMap(({ pId, pGroupId, qId, qGroupId }) => [
      [pId, pGroupId],
      [qId, qGroupId],
    ]),
  );
  const identity = { type: 'leaf', className: 'mpicbg.trakem2.transform.AffineModel2D', dataString: '1 0 0 1 0 0' };
  const specs = [...sections].map(([tileId, sectionId]) => ({
    ...{ tileId, layout: { sectionId }, z: Number(sectionId), width: 1420, height: 1310 },
    mipmapLevels: { '0': { imageUrl: `file:/nowhere/${tileId}.png` } },
    transforms: { type: 'list', specList: [identity] },
  }));
  return { ...(await imported(at, 'real sections', specs, file)), lambda: 1e-4 };
}

async function imported(at: At, name: string, specs: readonly unknown[], matches: string): Promise<Problem> {
  const source = join(at.folder, 'given', `${name}.json`);
  mkdirSync(join(at.folder, 'given'), { recursive: true });
  writeFileSync(source, JSON.stringify(specs));
  const { dataset } = await stackIn(at, at.client.stack.import({ library: at.library, source }));
  return { name, dataset, matches };
}

interface Residual {
  readonly rmsPx: number;
  readonly points: number;
}

async function compareModels(at: At, problem: Problem): Promise<readonly Line[]> {
  const { client, library, folder, run } = at;
  const { name, dataset, matches, lambda = 1 } = problem;
  const taken = await client.solve.importMatches({ library, dataset, file: matches });
  const [stage, passed] = ['stage', 'passed'].map((one) => join(folder, `${name.replaceAll(' ', '-')}-${one}.json`));
  await client.stack.export({ library, stack: taken.stack, out: stage! });
  // Theirs is solved from what Lamella passes on of the matches.
  await client.solve.exportMatches({ library, stack: taken.stack, out: passed! });
  const lines: Line[] = [];
  for (const [theirModel, model] of Object.entries(models)) {
    const [theirFile, ourFile] = ['theirs', 'ours'].map((who) =>
      join(folder, `${name.replaceAll(' ', '-')}-${model}-${who}.json`),
    );
    const theirs = await jsonOf<Residual>(run, 'solves.py', 'solve', stage!, passed!, theirModel, theirFile!);
    const stack = await solvedStack(at, { stack: taken.stack, model, lambda });
    await client.stack.export({ library, stack, out: ourFile! });
    const ours = await jsonOf<Residual>(run, 'solves.py', 'residual', ourFile!, matches);
    const says = `${name}, ${model}: ${ours.rmsPx.toFixed(4)} px RMS over ${ours.points} matches, theirs ${theirs.rmsPx.toFixed(4)}`;
    const isAll = ours.points === theirs.points && ours.points === taken.points;
    lines.push({ id: `${name}, ${model}`, reader, ok: isAll && ours.rmsPx <= theirs.rmsPx, detail: says, says });
    lines.push(await reimported(at, problem, model, theirFile!, theirs));
  }
  return lines;
}

/** Also where it is not good enough: then it is stored, and the job fails. */
async function solvedStack(
  { client, library }: At,
  how: { readonly stack: string; readonly model: Model; readonly lambda: number },
): Promise<string> {
  const started = client.solve.start({ library, ...how, robust: false });
  return resultOf<{ stack: string }>(client, library, started).then(
    (done) => done.stack,
    (error: { fields?: { stack?: string } }) => {
      if (typeof error.fields?.stack === 'string') return error.fields.stack;
      throw error;
    },
  );
}

/** What BigFeta wrote is a stack version, and says the same when it is written again. */
async function reimported(at: At, problem: Problem, model: string, file: string, theirs: Residual): Promise<Line> {
  const { client, library, folder, run } = at;
  const { dataset, name, matches } = problem;
  const { stack } = await stackIn(at, client.stack.import({ library, dataset, source: file }));
  const out = join(folder, `${name.replaceAll(' ', '-')}-${model}-again.json`);
  await client.stack.export({ library, stack, out });
  const again = await jsonOf<Residual>(run, 'solves.py', 'residual', out, matches);
  const ok = Math.abs(again.rmsPx - theirs.rmsPx) < 1e-6;
  return { id: `${name}, ${model}, its tilespecs`, reader, ok, detail: `${again.rmsPx} px, not ${theirs.rmsPx}` };
}
