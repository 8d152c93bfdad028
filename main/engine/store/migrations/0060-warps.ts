/** Volumes that are others seen through maps. `warp`: JSON, see warp-rows.ts; null for all others. */
export const warps = {
  number: 60,
  purpose: 'warps',
  sql: `
ALTER TABLE volume ADD COLUMN warp TEXT;
`,
} as const;
