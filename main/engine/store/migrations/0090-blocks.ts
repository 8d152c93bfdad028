/**
 * Blocks: three-dimensional tiles of a stage, with channels. A set is what was acquired; a stack version of it says where
 * its blocks were placed, by which links. Places are voxels of the set: of a block's outer corner, x right, y down, z deep.
 */
export const blocks = {
  number: 90,
  purpose: 'blocks',
  sql: `
-- channels: JSON, their names. project: the file that a layout came from, as text, so that fields that Lamella does not
-- know survive an export; NULL for layouts without one.
CREATE TABLE block_set (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, layout TEXT NOT NULL, voxel_size_nm TEXT NOT NULL,
  channels TEXT NOT NULL, project TEXT, job TEXT NOT NULL REFERENCES job(id), created_at TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;

-- sources: JSON, one a channel, null where it is missing. grid_row, grid_column: NULL where the layout has no grid.
CREATE TABLE block (
  id INTEGER PRIMARY KEY, block_set TEXT NOT NULL REFERENCES block_set(id), name TEXT NOT NULL,
  grid_row INTEGER, grid_column INTEGER, stage TEXT NOT NULL, size TEXT NOT NULL, dtype TEXT NOT NULL, sources TEXT NOT NULL,
  fingerprint TEXT NOT NULL, verdict TEXT NOT NULL, reasons TEXT NOT NULL, UNIQUE (block_set, name)
) STRICT;

CREATE TABLE block_stack (
  id TEXT PRIMARY KEY, block_set TEXT NOT NULL REFERENCES block_set(id), version INTEGER NOT NULL, made_by TEXT NOT NULL,
  parent TEXT REFERENCES block_stack(id), channel INTEGER, blocks INTEGER NOT NULL, links INTEGER NOT NULL,
  dropped INTEGER NOT NULL, rms_vox REAL NOT NULL, max_vox REAL NOT NULL, verdict TEXT NOT NULL, reasons TEXT NOT NULL,
  parameters TEXT NOT NULL, job TEXT NOT NULL REFERENCES job(id), created_at TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)), UNIQUE (block_set, version)
) STRICT;

CREATE TABLE block_placement (
  block_stack TEXT NOT NULL REFERENCES block_stack(id), block INTEGER NOT NULL REFERENCES block(id), place TEXT NOT NULL,
  rms_vox REAL NOT NULL, placed_by TEXT NOT NULL, PRIMARY KEY (block_stack, block)
) STRICT, WITHOUT ROWID;

-- shift: of b's place less a's, voxels. axes: JSON, what the projections said of each.
CREATE TABLE block_link (
  block_stack TEXT NOT NULL REFERENCES block_stack(id), block_a INTEGER NOT NULL REFERENCES block(id),
  block_b INTEGER NOT NULL REFERENCES block(id), shift TEXT NOT NULL, sigma TEXT NOT NULL, ncc REAL NOT NULL,
  peak_ratio REAL NOT NULL, axes TEXT NOT NULL, slabs INTEGER NOT NULL, residual TEXT NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL, PRIMARY KEY (block_stack, block_a, block_b)
) STRICT, WITHOUT ROWID;
`,
} as const;
