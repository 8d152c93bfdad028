import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createEngine, type Engine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { Tile } from '../../preload/contract/dataset.ts';
import type { Warning } from '../../preload/contract/reference.ts';
import { resultOf } from './follow-job.ts';

export interface TempEngine {
  readonly folder: string;
  readonly library: string;
  readonly engine: Engine;
  readonly client: LamellaClient;
  /** Starts a job and waits for its result; throws the error that it ends with. */
  readonly result: <T>(started: Promise<{ readonly job: string }>) => Promise<T>;
}

export interface Imported {
  readonly dataset: string;
  readonly tiles: number;
  readonly warnings: readonly Warning[];
}

/** An engine of two threads with a folder and a library of its own; both are gone when the test is over. */
export function tempEngine(): TempEngine {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-test-'));
  const engine = createEngine({ threads: 2 });
  onTestFinished(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const library = join(folder, 'library');
  const client = engine.client();
  return { folder, library, engine, client, result: (started) => resultOf(client, library, started) };
}

/** Imports a folder by its TileConfiguration, or by another layout. */
export function importTiles(
  { client, library, result }: TempEngine,
  source: string,
  layout = 'tiles:TileConfiguration.txt',
): Promise<Imported> {
  return result<Imported>(client.ingest.start({ library, source, layout }));
}

export async function tilesByName(
  { client, library }: TempEngine,
  dataset: string,
): Promise<ReadonlyMap<string, Tile>> {
  const { value } = await client.tile.list({ library, dataset });
  return new Map(value.tiles.map((tile) => [tile.fileName, tile]));
}
