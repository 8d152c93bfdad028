/** Sets of meshes and skeletons, read where they lie. `source`, `bounds`: JSON, see shape-rows.ts. */
export const shapes = {
  number: 30,
  purpose: 'shapes',
  sql: `
CREATE TABLE shape (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('mesh', 'skeleton')), format TEXT NOT NULL,
  source TEXT NOT NULL, unit_nm REAL NOT NULL CHECK (unit_nm > 0), count INTEGER, bounds TEXT, created_at TEXT NOT NULL
) STRICT;
`,
} as const;
