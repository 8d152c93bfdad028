/** The tables of library.db. Affine maps are JSON arrays in AffineModel2D order; times are ISO 8601 UTC. */
export const foundation = {
  number: 10,
  purpose: 'foundation',
  sql: `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE job (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL, input TEXT NOT NULL, state TEXT NOT NULL,
  stage TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
  unit TEXT NOT NULL DEFAULT '', elapsed_secs REAL NOT NULL DEFAULT 0, warnings TEXT NOT NULL DEFAULT '[]',
  result TEXT, error TEXT, kernels TEXT NOT NULL DEFAULT '{}', lamella_version TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) STRICT;

-- The ledger: one row a finished unit of work. Output is JSON; files that the unit wrote were renamed into place before.
CREATE TABLE unit (
  key TEXT PRIMARY KEY, job TEXT NOT NULL REFERENCES job(id), output TEXT NOT NULL, warning TEXT, done_at TEXT NOT NULL
) STRICT;
CREATE INDEX unit_by_job ON unit(job);

-- Undo, redo and audit: each change is the before and after images of the rows that a step touched.
CREATE TABLE history (
  id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, changes TEXT NOT NULL, at TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1))
) STRICT;

CREATE TABLE dataset (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, layout TEXT NOT NULL, voxel_size_nm TEXT NOT NULL,
  job TEXT NOT NULL REFERENCES job(id), created_at TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;

CREATE TABLE tile (
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL REFERENCES dataset(id), name TEXT NOT NULL, section REAL NOT NULL,
  path TEXT NOT NULL, mipmap_level INTEGER NOT NULL, width_px INTEGER NOT NULL, height_px INTEGER NOT NULL,
  dtype TEXT NOT NULL, stage_from_tile TEXT NOT NULL, sha256 TEXT NOT NULL, pixel_sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
  metrics TEXT, histogram BLOB, histogram_range TEXT,
  verdict TEXT NOT NULL, reasons TEXT NOT NULL,
  -- The tilespec as it came, so that fields that Lamella does not know survive a round trip; NULL for other layouts.
  spec TEXT,
  UNIQUE (dataset, name)
) STRICT;
CREATE INDEX tile_by_section ON tile(dataset, section);

-- id is the tile's id as text; no row = unreviewed.
CREATE TABLE tile_review (id TEXT PRIMARY KEY, review TEXT NOT NULL CHECK (review IN ('accepted', 'rejected')), at TEXT NOT NULL) STRICT;

CREATE TABLE stack (
  id TEXT PRIMARY KEY, dataset TEXT NOT NULL REFERENCES dataset(id), version INTEGER NOT NULL, model TEXT NOT NULL,
  state TEXT NOT NULL, tiles INTEGER NOT NULL, links INTEGER NOT NULL, dropped INTEGER NOT NULL,
  rms_px REAL NOT NULL, max_px REAL NOT NULL, verdict TEXT NOT NULL, reasons TEXT NOT NULL, parameters TEXT NOT NULL,
  job TEXT NOT NULL REFERENCES job(id), created_at TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
  UNIQUE (dataset, version)
) STRICT;

CREATE TABLE placement (
  stack TEXT NOT NULL REFERENCES stack(id), tile INTEGER NOT NULL REFERENCES tile(id), stack_from_tile TEXT NOT NULL,
  rms_px REAL NOT NULL, placed_by TEXT NOT NULL, PRIMARY KEY (stack, tile)
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
  stack TEXT NOT NULL REFERENCES stack(id), tile_a INTEGER NOT NULL REFERENCES tile(id), tile_b INTEGER NOT NULL REFERENCES tile(id),
  section REAL NOT NULL, ncc REAL NOT NULL, peak_ratio REAL NOT NULL, points TEXT NOT NULL, residual_px REAL NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (stack, tile_a, tile_b)
) STRICT, WITHOUT ROWID;

CREATE TABLE volume (
  id TEXT PRIMARY KEY, stack TEXT NOT NULL REFERENCES stack(id), name TEXT NOT NULL, folder TEXT NOT NULL, dtype TEXT NOT NULL,
  levels TEXT NOT NULL, origin_voxel TEXT NOT NULL, window TEXT NOT NULL, histogram TEXT NOT NULL, bytes INTEGER NOT NULL,
  job TEXT NOT NULL REFERENCES job(id), created_at TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;

CREATE TABLE annotation (
  id TEXT PRIMARY KEY, volume TEXT NOT NULL REFERENCES volume(id), kind TEXT NOT NULL CHECK (kind IN ('point', 'line')),
  points_nm TEXT NOT NULL, name TEXT NOT NULL, note TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX annotation_by_volume ON annotation(volume);

CREATE TABLE publication (
  id TEXT PRIMARY KEY, volume TEXT NOT NULL REFERENCES volume(id), target TEXT NOT NULL, format TEXT NOT NULL, out TEXT NOT NULL,
  receipt TEXT NOT NULL, job TEXT NOT NULL REFERENCES job(id), created_at TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;
`,
} as const;
