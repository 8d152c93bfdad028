/** What opening a volume on a server read. `id`: of the volume. `reads`: gzip of JSON, see openings.ts. Derived. */
export const openings = {
  number: 70,
  purpose: 'openings',
  sql: `
CREATE TABLE opening (id TEXT PRIMARY KEY, reads BLOB NOT NULL) STRICT;
`,
} as const;
