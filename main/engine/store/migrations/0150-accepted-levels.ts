/** Levels of running deformations that the user took as good enough. */
export const acceptedLevels = {
  number: 150,
  purpose: 'accepted levels of deformations',
  sql: `
CREATE TABLE accepted_level (
  job TEXT NOT NULL, level INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (job, level)
) STRICT;
`,
} as const;
