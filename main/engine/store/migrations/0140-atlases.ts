/** Atlases: an annotation whose labels are regions of a tree. */
export const atlases = {
  number: 140,
  purpose: 'atlases',
  sql: `
CREATE TABLE atlas (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('allen', 'brainglobe', 'table')),
  annotation TEXT NOT NULL REFERENCES volume(id), template TEXT REFERENCES volume(id), hemispheres TEXT REFERENCES volume(id),
  -- Where x, y and z begin, such as asl; NULL where nobody said.
  orientation TEXT, citation TEXT NOT NULL DEFAULT '',
  -- JSON of what was odd when it was imported.
  warnings TEXT NOT NULL, job TEXT NOT NULL REFERENCES job(id), created_at TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;

-- at: the place in the order of the tree, each before those inside of it. label: decimal, below 2^64. parent: at of it.
-- voxels: of level 0 with this very label.
CREATE TABLE atlas_region (
  atlas TEXT NOT NULL REFERENCES atlas(id), at INTEGER NOT NULL, label TEXT NOT NULL, acronym TEXT NOT NULL,
  name TEXT NOT NULL, colour TEXT NOT NULL, parent INTEGER, in_table INTEGER NOT NULL CHECK (in_table IN (0, 1)),
  voxels INTEGER NOT NULL, PRIMARY KEY (atlas, at)
) STRICT, WITHOUT ROWID;
`,
} as const;
