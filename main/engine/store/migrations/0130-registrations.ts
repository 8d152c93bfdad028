/** Where one volume lies in another: chains of maps both ways, and how far they may be trusted. */
export const registrations = {
  number: 130,
  purpose: 'registrations',
  sql: `
CREATE TABLE registration (
  id TEXT PRIMARY KEY, name TEXT NOT NULL,
  fixed TEXT NOT NULL REFERENCES volume(id), moving TEXT NOT NULL REFERENCES volume(id),
  kind TEXT NOT NULL CHECK (kind IN ('affine', 'deformable')),
  -- The registration that it began from.
  parent TEXT REFERENCES registration(id),
  -- JSON: steps (preload/contract/warp.ts) in nanometres of volume space, the first done first.
  moving_from_fixed TEXT NOT NULL, fixed_from_moving TEXT NOT NULL,
  -- JSON: what was measured (preload/contract/register.ts).
  numbers TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'warn', 'fail')),
  -- JSON: sentences.
  reasons TEXT NOT NULL,
  job TEXT NOT NULL, created_at TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;
CREATE INDEX registration_by_fixed ON registration(fixed);
CREATE INDEX registration_by_moving ON registration(moving);
`,
} as const;
