/** What was measured by region of an atlas. */
export const regionResults = {
  number: 160,
  purpose: 'results by region',
  sql: `
CREATE TABLE region_result (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, atlas TEXT NOT NULL REFERENCES atlas(id),
  space TEXT NOT NULL REFERENCES volume(id), level INTEGER NOT NULL,
  -- JSON: preload/contract/region.ts.
  made_of TEXT NOT NULL, voxel_size_nm TEXT NOT NULL, through TEXT NOT NULL,
  hemispheres INTEGER NOT NULL CHECK (hemispheres IN (0, 1)),
  unit TEXT NOT NULL CHECK (unit IN ('voxels', 'points', 'segments')),
  total INTEGER NOT NULL, in_regions INTEGER NOT NULL, unread INTEGER NOT NULL,
  job TEXT NOT NULL, created_at TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;

-- What lies in a region itself (at: its place in the order of the tree) on one side: 0 not told, 1 left, 2 right.
-- samples: voxels with a number; spread: the sum of squared differences from their mean.
CREATE TABLE region_tally (
  result TEXT NOT NULL REFERENCES region_result(id), at INTEGER NOT NULL, side INTEGER NOT NULL CHECK (side IN (0, 1, 2)),
  voxels INTEGER NOT NULL, covered INTEGER NOT NULL, found INTEGER NOT NULL,
  samples INTEGER NOT NULL, mean REAL NOT NULL, spread REAL NOT NULL, least REAL NOT NULL, most REAL NOT NULL,
  PRIMARY KEY (result, at, side)
) STRICT, WITHOUT ROWID;
`,
} as const;
