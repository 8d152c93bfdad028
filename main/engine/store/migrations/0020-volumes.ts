/**
 * Volumes that were added where they lie, beside those that were fused. Old columns stay: the history holds images of
 * whole rows, and undo writes them back; so new columns may be NULL or have a default.
 *
 * `source`: JSON, see volume-rows.ts; NULL where the voxels lie in `folder`. `folder`: of the volume itself or, where it
 * has a source, of the coarse levels made for it; below the library; NULL where there is none. `channels`, `display`:
 * JSON, NULL in rows of before.
 */
export const volumes = {
  number: 20,
  purpose: 'volumes',
  rebuildsTables: true,
  sql: `
CREATE TABLE volume_new (
  id TEXT PRIMARY KEY, stack TEXT REFERENCES stack(id), name TEXT NOT NULL, folder TEXT, dtype TEXT NOT NULL,
  levels TEXT NOT NULL, origin_voxel TEXT NOT NULL DEFAULT '[0,0,0]', window TEXT NOT NULL, histogram TEXT, bytes INTEGER,
  job TEXT NOT NULL REFERENCES job(id), created_at TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
  kind TEXT NOT NULL DEFAULT 'image' CHECK (kind IN ('image', 'segmentation')), source TEXT, channels TEXT,
  times INTEGER NOT NULL DEFAULT 1 CHECK (times >= 1), display TEXT,
  favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1)), opened_at TEXT
) STRICT;
INSERT INTO volume_new (id, stack, name, folder, dtype, levels, origin_voxel, window, histogram, bytes, job, created_at, removed)
  SELECT id, stack, name, folder, dtype, levels, origin_voxel, window, histogram, bytes, job, created_at, removed FROM volume ORDER BY rowid;
DROP TABLE volume;
ALTER TABLE volume_new RENAME TO volume;
`,
} as const;
