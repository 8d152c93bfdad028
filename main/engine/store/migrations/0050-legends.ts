/** Names and colours of labels that the user gave. `id`: of the volume. `labels`: gzip of JSON, see legends.ts. */
export const legends = {
  number: 50,
  purpose: 'legends',
  sql: `
CREATE TABLE legend (
  id TEXT PRIMARY KEY, labels BLOB NOT NULL, file_name TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
`,
} as const;
