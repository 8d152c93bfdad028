import { basename } from 'node:path';
import type { z } from 'zod';
import {
  datasetSummarySchema,
  librarySchema,
  publicationSummarySchema,
  stackSummarySchema,
} from '../../../preload/contract/library.ts';
import type { DatasetSummary, Library, PublicationSummary, StackSummary } from '../../../preload/contract/library.ts';
import { receiptSchema } from '../../../preload/contract/publish.ts';
import type { LibraryStore, ReadHandle } from './library-store.ts';
import { allVolumes } from './volume-rows.ts';

/** Everything that a library holds, newest first; what was removed or undone left out. */
export function librarySummary(library: LibraryStore): Library {
  return librarySchema.parse({
    library: library.id,
    name: library.name,
    folder: library.folder,
    readOnly: library.readOnly,
    datasets: datasets(library),
    stacks: stackSummaries(library.read),
    volumes: allVolumes(library.read).volumes.map(({ volume }) => volume),
    publications: publications(library),
    annotations: count(
      library,
      'SELECT count(*) AS n FROM annotation a JOIN volume v ON v.id = a.volume WHERE v.removed = 0',
    ),
    undo: label(library, 'SELECT label FROM history WHERE undone = 0 ORDER BY id DESC LIMIT 1'),
    redo: label(library, 'SELECT label FROM history WHERE undone = 1 ORDER BY id LIMIT 1'),
  } satisfies z.input<typeof librarySchema>);
}

const count = (library: LibraryStore, sql: string): number => library.read.get<{ n: number }>(sql)?.n ?? 0;

const label = (library: LibraryStore, sql: string): string | null =>
  library.read.get<{ label: string }>(sql)?.label ?? null;

function datasets(library: LibraryStore): DatasetSummary[] {
  const rows = library.read.all<Record<string, string & number>>(`
    SELECT d.id, d.name, d.source, d.layout, d.voxel_size_nm, d.created_at,
      count(t.id) AS tiles, count(DISTINCT t.section) AS sections, coalesce(sum(t.bytes), 0) AS bytes,
      coalesce(sum(t.verdict <> 'ok'), 0) AS flagged, coalesce(sum(r.review = 'rejected'), 0) AS rejected
    FROM dataset d LEFT JOIN tile t ON t.dataset = d.id LEFT JOIN tile_review r ON r.id = CAST(t.id AS TEXT)
    WHERE d.removed = 0 GROUP BY d.id ORDER BY d.created_at DESC, d.rowid DESC`);
  return rows.map((row) =>
    datasetSummarySchema.parse({
      ...row,
      sourceName: basename(row['source'] ?? ''),
      voxelSizeNm: json(row['voxel_size_nm']),
      createdAt: row['created_at'],
    }),
  );
}

/** The stack versions of datasets that are not removed, newest first. */
export function stackSummaries(read: ReadHandle): StackSummary[] {
  const rows = read.all<Record<string, string & number>>(`
    SELECT s.* FROM stack s JOIN dataset d ON d.id = s.dataset
    WHERE s.removed = 0 AND d.removed = 0 ORDER BY s.created_at DESC, s.rowid DESC`);
  return rows.map((row) =>
    stackSummarySchema.parse({
      ...row,
      madeBy: row['made_by'],
      rmsPx: row['rms_px'],
      maxPx: row['max_px'],
      reasons: json(row['reasons']),
      createdAt: row['created_at'],
    }),
  );
}

function publications(library: LibraryStore): PublicationSummary[] {
  const rows = library.read.all<Record<string, string>>(
    'SELECT * FROM publication WHERE removed = 0 ORDER BY created_at DESC, rowid DESC',
  );
  return rows.map((row) => {
    const { parts, bytes, manifestSha256, verifiedAt, metadata, out } = receiptSchema.parse(json(row['receipt']));
    return publicationSummarySchema.parse({
      ...row,
      title: metadata.title,
      folderName: basename(out),
      parts,
      bytes,
      manifestSha256,
      verifiedAt,
    });
  });
}

const json = (text: string | undefined): unknown => JSON.parse(text ?? 'null');
