/**
 * Folders that are watched while the microscope writes: what came when, what was measured of it, and alarms. A watch has
 * a dataset, whose tiles are added as they come.
 */
export const watching = {
  number: 110,
  purpose: 'watching',
  sql: `
CREATE TABLE watch (
  id TEXT PRIMARY KEY, dataset TEXT NOT NULL UNIQUE REFERENCES dataset(id), job TEXT NOT NULL REFERENCES job(id),
  -- stopping: it was asked to end, and will at its next look.
  state TEXT NOT NULL CHECK (state IN ('watching', 'away', 'stopping', 'stopped')),
  waiting INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL
) STRICT;

-- id: watch and metric. settings: JSON of low, high, spreads, off, as the user gave them.
CREATE TABLE watch_limit (id TEXT PRIMARY KEY, watch TEXT NOT NULL, metric TEXT NOT NULL, settings TEXT NOT NULL) STRICT;

-- fingerprint: size and time of last change of the file that was read. readings: JSON, metric to number.
CREATE TABLE watched_tile (
  tile INTEGER PRIMARY KEY REFERENCES tile(id), watch TEXT NOT NULL REFERENCES watch(id), serial INTEGER NOT NULL,
  fingerprint TEXT NOT NULL, arrived_at TEXT NOT NULL, retakes INTEGER NOT NULL DEFAULT 0, readings TEXT NOT NULL,
  -- 1: its overlaps were measured, too.
  compared INTEGER NOT NULL DEFAULT 0 CHECK (compared IN (0, 1))
) STRICT;
CREATE INDEX watched_tile_by_serial ON watched_tile(watch, serial);

CREATE TABLE watched_overlap (
  tile_a INTEGER NOT NULL REFERENCES tile(id), tile_b INTEGER NOT NULL REFERENCES tile(id), watch TEXT NOT NULL REFERENCES watch(id),
  ncc REAL NOT NULL, off_x_px REAL, off_y_px REAL, reason TEXT NOT NULL, PRIMARY KEY (tile_a, tile_b)
) STRICT, WITHOUT ROWID;
CREATE INDEX watched_overlap_by_watch ON watched_overlap(watch);

CREATE TABLE alarm (
  id TEXT PRIMARY KEY, watch TEXT NOT NULL REFERENCES watch(id), kind TEXT NOT NULL, tile INTEGER REFERENCES tile(id),
  subject TEXT NOT NULL, section REAL, metric TEXT, value REAL, low REAL, high REAL, reason TEXT NOT NULL, at TEXT NOT NULL,
  resolved_at TEXT
) STRICT;
CREATE INDEX alarm_by_watch ON alarm(watch, at);
CREATE INDEX alarm_by_tile ON alarm(tile);

-- id is the alarm's; no row = nobody has seen it.
CREATE TABLE alarm_seen (id TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;
`,
} as const;
