/**
 * An OME-TIFF is one file, but it is written block by block: the tiles of a block, one channel of one section, lie one
 * after the other in a part whose key says how many bytes each takes, so that the file can be put together without
 * looking into its parts.
 */
export interface TileBlock {
  readonly level: number;
  readonly time: number;
  readonly channel: number;
  readonly z: number;
  /** In blocks. */
  readonly x: number;
  readonly y: number;
}

export const planeFolder = ({ level, time, channel, z }: Omit<TileBlock, 'x' | 'y'>): string =>
  `level-${level}/t${time}-c${channel}-z${z}/`;

const blockName = ({ x, y }: Pick<TileBlock, 'x' | 'y'>): string => `y${y}-x${x}`;

/** `tileBytes`: of the tiles of the block, x fastest. */
export const partKey = (block: TileBlock, tileBytes: readonly number[]): string =>
  `${planeFolder(block)}${blockName(block)}.${tileBytes.map((bytes) => bytes.toString(36)).join('-')}`;

/** The key without the sizes. */
export const blockKey = (block: TileBlock): string => planeFolder(block) + blockName(block);

export interface TilePart {
  readonly key: string;
  readonly blockKey: string;
  readonly tileBytes: readonly number[];
}

export function parsePart(key: string): TilePart | undefined {
  const match = /^(level-\d+\/t\d+-c\d+-z\d+\/y\d+-x\d+)\.([\da-z]+(?:-[\da-z]+)*)$/.exec(key);
  if (!match) return undefined;
  const tileBytes = (match[2] ?? '').split('-').map((bytes) => Number.parseInt(bytes, 36));
  return { key, blockKey: match[1] ?? '', tileBytes };
}

/** The part of each block, by the block's key. */
export function partsByBlock(keys: Iterable<string>): ReadonlyMap<string, TilePart> {
  const parts = new Map<string, TilePart>();
  for (const key of keys) {
    const part = parsePart(key);
    if (part) parts.set(part.blockKey, part);
  }
  return parts;
}
