/** Tiles of a watch that are not compared yet are counted with every tile that comes, and are few. */
export const watchBehind = {
  number: 120,
  purpose: 'watch-behind',
  sql: `
CREATE INDEX watched_tile_behind ON watched_tile(watch) WHERE compared = 0;
`,
} as const;
