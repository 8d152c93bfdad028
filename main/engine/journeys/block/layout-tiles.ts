import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { parseTileConfiguration } from '../../formats/tile-configuration.ts';
import { type BlockLayout, type LayoutPlace, locate } from './block-layout.ts';
import { channelsAt } from './slices.ts';

/** Fiji's TileConfiguration with three coordinates: names are files or folders of slices. */
export function tilesLayout(place: LayoutPlace): Omit<BlockLayout, 'channels'> {
  const fileName = basename(place.file);
  const { dimensions, tiles, warnings } = parseTileConfiguration(place.text, fileName);
  if (dimensions !== 3) {
    throw new LamellaError('bad-layout', `${fileName} has dim = ${dimensions}; blocks have three coordinates.`, {
      hint: 'Import flat tiles with ingest start.',
      fields: { file: fileName },
    });
  }
  return {
    blocks: tiles.map(({ name, xPx, yPx, section }) => ({
      name,
      row: null,
      column: null,
      stage: [xPx, yPx, section],
      sources: channelsAt(locate(place, [name])),
      placed: null,
      reasons: [],
    })),
    unit: 'voxels',
    voxelSizeNm: null,
    links: [],
    project: place.text,
    warnings,
  };
}
