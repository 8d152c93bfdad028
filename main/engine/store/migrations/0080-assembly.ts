/**
 * Tile stacks as Render has them: masks, intensity and channels of tiles; transforms of any class; who made a stack
 * version, of which; links between sections; and how each tile's grey levels are corrected.
 */
export const assembly = {
  number: 80,
  purpose: 'assembly',
  sql: `
ALTER TABLE tile ADD COLUMN mask_path TEXT;
ALTER TABLE tile ADD COLUMN mask_level INTEGER NOT NULL DEFAULT 0;
-- [black, white] in the tile's own grey levels; NULL = as stored.
ALTER TABLE tile ADD COLUMN intensity TEXT;

-- Further pictures of a tile, one a channel, of the same size and place; the tile's own picture is its first channel.
CREATE TABLE tile_channel (
  tile INTEGER NOT NULL REFERENCES tile(id), name TEXT NOT NULL, path TEXT NOT NULL, mipmap_level INTEGER NOT NULL,
  mask_path TEXT, mask_level INTEGER NOT NULL DEFAULT 0, intensity TEXT, PRIMARY KEY (tile, name)
) STRICT, WITHOUT ROWID;

ALTER TABLE stack ADD COLUMN name TEXT NOT NULL DEFAULT '';
-- stitch, import, align, intensity, edit: what kind of step made it.
ALTER TABLE stack ADD COLUMN made_by TEXT NOT NULL DEFAULT 'stitch';
-- The version that it was made of.
ALTER TABLE stack ADD COLUMN parent TEXT REFERENCES stack(id);
-- Further fields of Render's StackVersion, as JSON.
ALTER TABLE stack ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';

-- JSON: transforms (preload/contract/transform.ts) from tile to stack, first to last; NULL where stack_from_tile is all.
-- stack_from_tile is then the affine map that is nearest over the tile.
ALTER TABLE placement ADD COLUMN transforms TEXT;
-- Held where it is by the user: solves leave it.
ALTER TABLE placement ADD COLUMN fixed INTEGER NOT NULL DEFAULT 0 CHECK (fixed IN (0, 1));

-- Transforms that several tiles of a stack refer to by id.
CREATE TABLE shared_transform (
  stack TEXT NOT NULL REFERENCES stack(id), id TEXT NOT NULL, spec TEXT NOT NULL, PRIMARY KEY (stack, id)
) STRICT, WITHOUT ROWID;

-- The section of tile_b; NULL = that of tile_a.
ALTER TABLE link ADD COLUMN section_b REAL;

-- Corrected grey level = gain(x, y) * level + offset(x, y), of levels as stored. Two grids of columns x rows float32,
-- little-endian, x fastest, whose nodes lie evenly over the tile, edges included (one column: constant along x).
CREATE TABLE intensity (
  stack TEXT NOT NULL REFERENCES stack(id), tile INTEGER NOT NULL REFERENCES tile(id), channel TEXT NOT NULL DEFAULT '',
  columns INTEGER NOT NULL, rows INTEGER NOT NULL, gain BLOB NOT NULL, level_offset BLOB NOT NULL,
  PRIMARY KEY (stack, tile, channel)
) STRICT, WITHOUT ROWID;
`,
} as const;
