// A grid of tiles placed by multiview-stitcher and by Lamella.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { RunPython } from '../bench/peer-python.ts';
import { acquireTiles, type TestTile } from '../engine/acquisition.ts';
import { resultOf } from '../engine/follow-job.ts';
import { jsonOf, peerOrSkip } from './peer.ts';
import type { Line } from './volumes.ts';

const reader = 'multiview-stitcher 0.1.62';
/** It places tiles to about a seventh of a pixel; nearer than that the two cannot agree. */
const mostPx = 0.2;
type Place = readonly [number, number];

export async function compareGrids(folder: string): Promise<readonly Line[]> {
  const run = await peerOrSkip(['multiview-stitcher==0.1.62', 'scikit-image==0.26.0']);
  if (!run) return [];
  const source = join(folder, 'tiles');
  mkdirSync(folder, { recursive: true });
  const tiles = acquireTiles(source, { rows: 4, cols: 4, tilePx: 256, overlapPx: 72, errorPx: 4, seed: 11 });
  const about = { files: tiles.map(({ name }) => name), stage: tiles.map(({ stagePx }) => stagePx) };
  writeFileSync(join(source, 'about.json'), JSON.stringify(about));
  const engine = createEngine({ threads: 2 });
  try {
    const at = { client: engine.client(), library: join(folder, 'library'), run };
    const stack = await stitched(at, source);
    return [await samePlaces(at, source, tiles, stack)];
  } finally {
    await engine.close();
  }
}

interface At {
  readonly client: LamellaClient;
  readonly library: string;
  readonly run: RunPython;
}

async function stitched({ client, library }: At, source: string): Promise<string> {
  const layout = 'tiles:TileConfiguration.txt';
  const imported = client.ingest.start({ library, source, layout });
  const { dataset } = await resultOf<{ dataset: string }>(client, library, imported);
  const started = client.stitch.start({ library, dataset });
  return (await resultOf<{ stack: string }>(client, library, started)).stack;
}

async function samePlaces(at: At, source: string, tiles: readonly TestTile[], stack: string): Promise<Line> {
  const { client, library, run } = at;
  const theirs = await jsonOf<readonly Place[]>(run, 'grids.py', source);
  const points = tiles.map(({ name }) => ({ name, x: 0, y: 0 }));
  const { value } = await client.stack.localToWorld({ library, stack, points });
  const ours = value.points.map(({ place }): Place => [place?.x ?? NaN, place?.y ?? NaN]);
  const truth = tiles.map(({ truePx }) => truePx);
  const [apart, we, they] = [rmsBetween(ours, theirs), rmsBetween(ours, truth), rmsBetween(theirs, truth)];
  const says = `16 tiles: ${apart.toFixed(3)} px RMS apart; from the truth ${we.toFixed(3)} px, theirs ${they.toFixed(3)} px`;
  return { id: 'places of 16 tiles', reader, ok: apart <= mostPx && we <= they, detail: says, says };
}

/** The shift that all share aside. */
function rmsBetween(a: readonly Place[], b: readonly Place[]): number {
  const gaps = a.map((place, i) => [place[0] - b[i]![0], place[1] - b[i]![1]] as const);
  const mean = ([0, 1] as const).map((k) => gaps.reduce((sum, gap) => sum + gap[k] / gaps.length, 0));
  const squares = gaps.map((gap) => (gap[0] - mean[0]!) ** 2 + (gap[1] - mean[1]!) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square / gaps.length, 0));
}
