/** Views that were kept under a name. `document`: JSON, see preload/contract/view-state.ts. */
export const namedViews = {
  number: 40,
  purpose: 'named views',
  sql: `
CREATE TABLE saved_view (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, document TEXT NOT NULL, dock TEXT NOT NULL DEFAULT '',
  picture TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) STRICT;
`,
} as const;
