import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TransformSpec } from '../../preload/contract/transform.ts';
import { type TileMap, tileMapOf } from '../../main/engine/transforms/tile/tile-map.ts';
import type { TempEngine } from './temp-engine.ts';

interface ExportedTile {
  readonly tileId: string;
  readonly width: number;
  readonly height: number;
  readonly transforms: { readonly specList: readonly TransformSpec[] };
}

interface ExportedCollection {
  readonly tileIdToSpecMap: Record<string, ExportedTile>;
  readonly transformIdToSpecMap: Record<string, TransformSpec>;
}

/** The maps of all tiles by name, from what other programs would read. */
export async function exportedMaps(
  { client, library, folder }: Pick<TempEngine, 'client' | 'library' | 'folder'>,
  stack: string,
): Promise<ReadonlyMap<string, TileMap>> {
  const out = join(folder, `${stack}.json`);
  await client.stitch.export({ library, stack, out });
  const read = JSON.parse(readFileSync(out, 'utf8')) as readonly ExportedTile[] | ExportedCollection;
  const isList = Array.isArray(read);
  const collection = isList ? null : (read as ExportedCollection);
  const tiles = isList ? (read as readonly ExportedTile[]) : Object.values(collection!.tileIdToSpecMap);
  const shared = new Map(Object.entries(collection?.transformIdToSpecMap ?? {}));
  return new Map(
    tiles.map(({ tileId, width, height, transforms }) => {
      const { map, problems } = tileMapOf(transforms.specList, shared, [width, height]);
      if (problems.length > 0) throw new Error(`${tileId}: ${problems.join('; ')}`);
      return [tileId, map];
    }),
  );
}
