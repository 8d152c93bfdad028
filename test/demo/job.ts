// The main job of Lamella, headless: from raw tiles with known truth to a verified publication.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { Tile } from '../../preload/contract/dataset.ts';
import type { Receipt } from '../../preload/contract/publish.ts';
import { createEngine } from '../../main/engine/index.ts';
import { resultOf } from '../engine/follow-job.ts';
import { placementError, type PlacementError } from '../engine/placement-error.ts';

export interface Step {
  readonly stage: string;
  readonly what: string;
  readonly seconds: number;
}

export interface DemoReport {
  readonly steps: readonly Step[];
  readonly error: PlacementError;
  /** What is not as it must be; empty when all is well. */
  readonly faults: readonly string[];
  readonly seconds: number;
  readonly peakRssBytes: number;
}

interface Truth {
  readonly blank: string;
  readonly duplicate: { readonly file: string; readonly repeats: string };
  readonly tiles: readonly { readonly name: string; readonly truePx: readonly [number, number] }[];
}

interface Stitched {
  readonly stack: string;
  readonly tiles: number;
  readonly links: number;
  readonly rmsPx: number;
  readonly maxPx: number;
  readonly verdict: string;
}

/** Placement against the truth, pixels. */
export const target = { rmsPx: 0.4, maxPx: 1.1, seconds: 60, rssBytes: 2 ** 30 } as const;

const metadata = {
  title: 'Lamella demo block',
  creators: [{ name: 'Demo, Lamella' }],
  licence: 'CC0-1.0',
  modality: 'EM',
  species: 'none (synthetic)',
  voxelSizeNm: [4, 4, 40],
  description: 'Synthetic tissue, acquired with known stage error.',
} as const;

/** Runs everything in a fresh `folder`; `onStep` hears of each step as it ends. */
export async function runDemo(folder: string, onStep: (step: Step) => void = () => undefined): Promise<DemoReport> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const engine = createEngine();
  try {
    return await new Demo(engine.client(), folder, onStep).run();
  } finally {
    await engine.close();
  }
}

class Demo {
  readonly #client: LamellaClient;
  readonly #folder: string;
  readonly #library: string;
  readonly #onStep: (step: Step) => void;
  readonly #steps: Step[] = [];
  readonly #faults: string[] = [];
  readonly #started = performance.now();

  constructor(client: LamellaClient, folder: string, onStep: (step: Step) => void) {
    this.#client = client;
    this.#folder = folder;
    this.#library = join(folder, 'library');
    this.#onStep = onStep;
  }

  async run(): Promise<DemoReport> {
    const sample = await this.#acquire();
    const { dataset, tiles } = await this.#import(sample);
    const { stitched, error } = await this.#stitch(dataset, tiles, sample.truth);
    const volume = await this.#fuse(stitched);
    await this.#look(volume);
    for (const format of ['precomputed', 'ome-zarr'] as const) await this.#publish(volume, format);
    const seconds = (performance.now() - this.#started) / 1000;
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    if (seconds > target.seconds) this.#faults.push(`it took ${seconds.toFixed(0)} s, more than ${target.seconds} s`);
    if (peakRssBytes > target.rssBytes)
      this.#faults.push(`the engine used ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB, more than 1 GiB`);
    return { steps: this.#steps, error, faults: this.#faults, seconds, peakRssBytes };
  }

  #result<T>(started: Promise<{ readonly job: string }>): Promise<T> {
    return resultOf<T>(this.#client, this.#library, started);
  }

  async #step<T>(stage: string, work: () => Promise<readonly [T, string]>): Promise<T> {
    const started = performance.now();
    const [value, what] = await work();
    const step = { stage, what, seconds: (performance.now() - started) / 1000 };
    this.#steps.push(step);
    this.#onStep(step);
    return value;
  }

  #acquire(): Promise<{ source: string; layout: string; truth: Truth }> {
    return this.#step('Acquire', async () => {
      const library = this.#library;
      const made = await this.#result<{ source: string; layout: string; tiles: number; truth: string }>(
        this.#client.sample.make({ library, out: join(this.#folder, 'tiles') }),
      );
      const truth = JSON.parse(readFileSync(made.truth, 'utf8')) as Truth;
      return [{ ...made, truth }, `${made.tiles} tiles of 512 x 512 px in 6 sections, stage error, uneven light`];
    });
  }

  #import({
    source,
    layout,
    truth,
  }: {
    source: string;
    layout: string;
    truth: Truth;
  }): Promise<{ dataset: string; tiles: readonly Tile[] }> {
    return this.#step('Import', async () => {
      const library = this.#library;
      const { dataset } = await this.#result<{ dataset: string }>(
        this.#client.ingest.start({ library, source, layout, name: 'Demo block' }),
      );
      const {
        value: { tiles },
      } = await this.#client.tile.list({ library, dataset });
      const flagged = tiles.filter((tile) => tile.verdict !== 'ok');
      const wanted = [truth.blank, truth.duplicate.file].toSorted();
      if (
        flagged
          .map((tile) => tile.fileName)
          .toSorted()
          .join() !== wanted.join()
      )
        this.#faults.push(
          `flagged ${flagged.map((t) => t.fileName).join(', ') || 'nothing'} where ${wanted.join(' and ')} are faulty`,
        );
      return [
        { dataset, tiles },
        `${flagged.length} flagged: ${flagged.map((tile) => `${tile.fileName} (${tile.reasons.join('; ')})`).join(', ')}`,
      ];
    });
  }

  #stitch(
    dataset: string,
    tiles: readonly Tile[],
    truth: Truth,
  ): Promise<{ stitched: Stitched; error: PlacementError }> {
    return this.#step('Stitch', async () => {
      const library = this.#library;
      const stitched = await this.#result<Stitched>(
        this.#client.stitch.start({ library, dataset, model: 'translation' }),
      );
      const {
        value: { placements },
      } = await this.#client.stitch.placements({ library, stack: stitched.stack });
      await this.#client.stitch.export({ library, stack: stitched.stack, out: join(this.#folder, 'stack.json') });
      const known = new Map(truth.tiles.map((tile) => [tile.name, tile.truePx]));
      const faulty = new Set([truth.blank, truth.duplicate.file]);
      const error = placementError(tiles, placements, (tile) =>
        faulty.has(tile.fileName) ? null : (known.get(tile.fileName) ?? null),
      );
      if (!(error.rmsPx <= target.rmsPx && error.maxPx <= target.maxPx))
        this.#faults.push(
          `tiles lie ${error.rmsPx.toFixed(2)} px (RMS) and ${error.maxPx.toFixed(2)} px (most) from the truth`,
        );
      return [
        { stitched, error },
        `${stitched.links} links, residual ${stitched.rmsPx.toFixed(2)} px RMS, ${stitched.maxPx.toFixed(2)} px most; verdict ${stitched.verdict}`,
      ];
    });
  }

  #fuse({ stack }: Stitched): Promise<string> {
    return this.#step('Fuse', async () => {
      const library = this.#library;
      const { volume, bytes, levels } = await this.#result<{ volume: string; bytes: number; levels: number }>(
        this.#client.stitch.fuse({ library, stack, name: 'Demo block' }),
      );
      const { value } = await this.#client.view.volume({ library, volume });
      return [
        volume,
        `${value.levels[0]?.size.join(' x ')} voxels, ${levels} levels, ${(bytes / 2 ** 20).toFixed(1)} MiB of OME-Zarr`,
      ];
    });
  }

  /** Reads a box back, and notes what is there. */
  #look(volume: string): Promise<void> {
    return this.#step('See', async () => {
      const library = this.#library;
      const cutout = await this.#client.volume.cutout({ library, source: volume, box: '512:768,512:768,2:3' });
      const covered = (cutout.bytes ?? new Uint8Array()).filter((v) => v > 0).length;
      if (covered < 256 * 256 * 0.99)
        this.#faults.push(`the middle of section 2 has only ${covered} voxels that are not empty`);
      await this.#client.annotate.add({
        library,
        volume,
        kind: 'point',
        pointsNm: [[2560, 2560, 80]],
        name: 'middle of section 2',
      });
      const { value: csv } = await this.#client.annotate.export({
        library,
        volume,
        out: join(this.#folder, 'annotations.csv'),
      });
      return [undefined, `a cutout of 256 x 256 voxels; ${csv.annotations} annotation written as CSV`];
    });
  }

  #publish(volume: string, format: 'precomputed' | 'ome-zarr'): Promise<void> {
    return this.#step('Publish', async () => {
      const library = this.#library;
      const out = join(this.#folder, `published-${format}`);
      const { receipt } = await this.#result<{ receipt: Receipt }>(
        this.#client.publish.start({
          library,
          volume,
          format,
          metadata: { ...metadata, creators: [...metadata.creators] },
          out,
        }),
      );
      if (!receipt.verified) this.#faults.push(`the publication as ${format} was not verified`);
      return [
        undefined,
        `${format}: ${receipt.parts} parts, ${(receipt.bytes / 2 ** 20).toFixed(1)} MiB, every part read back; manifest ${receipt.manifestSha256.slice(0, 12)}`,
      ];
    });
  }
}
