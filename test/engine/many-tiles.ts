import type { Library } from '../../main/engine/store/library.ts';

/** Rows of a dataset whose files do not exist: a grid of tiles without overlap, each column with a mean grey of its own. */
export function manyTiles(
  library: Library,
  { columns, rows, tilePx }: { readonly columns: number; readonly rows: number; readonly tilePx: number },
): string {
  const dataset = 'dataset-manytiles000';
  const job = 'job-manytiles000';
  const metrics = (mean: number): string =>
    JSON.stringify({
      mean,
      sd: 1,
      min: 0,
      max: 255,
      percentiles: [1, mean, 254],
      focus: 1,
      saturated: 0,
      black: 0,
      blankness: 0,
    });
  library.record((tx) => {
    tx.run(
      `INSERT INTO job (id, kind, label, input, state, lamella_version, created_at, updated_at) VALUES (?, 'ingest.start', 'Import', '{}', 'done', '0', '', '')`,
      job,
    );
    tx.run(
      `INSERT INTO dataset (id, name, source, layout, voxel_size_nm, job, created_at) VALUES (?, 'Many tiles', '/nowhere', 'pattern:x', '[4,4,40]', ?, '')`,
      dataset,
      job,
    );
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        tx.run(
          `INSERT INTO tile (dataset, name, section, path, mipmap_level, width_px, height_px, dtype, stage_from_tile, sha256, pixel_sha256, bytes, metrics, verdict, reasons)
           VALUES (?, ?, 0, ?, 0, ?, ?, 'uint8', ?, ?, '', 1, ?, 'ok', '[]')`,
          dataset,
          `r${row}c${column}`,
          `/nowhere/r${row}c${column}.png`,
          tilePx,
          tilePx,
          JSON.stringify([1, 0, 0, 1, column * tilePx, row * tilePx]),
          `${row}-${column}`,
          metrics(20 + (column % 200)),
        );
  });
  return dataset;
}
