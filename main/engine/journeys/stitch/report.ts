import { createHash } from 'node:crypto';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { verdictSchema } from '../../../../preload/contract/library.ts';
import type { Link } from '../../../../preload/contract/registration.ts';
import { applyAffine } from '../../../../preload/contract/space.ts';
import { encodePicture } from '../../stacks/picture.ts';
import type { RenderEnv } from '../../stacks/render-tiles.ts';
import { linksOf, placementsOf, stackRow } from '../../stacks/stack-rows.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { refuseToOverwrite } from '../../store/output-file.ts';
import { datasetRow, tilesOf } from '../../store/tiles.ts';
import { writeFileDurably } from '../../targets/folder.ts';
import { type ReportData, reportHtml, type SeamPicture, worstLinks } from './report-html.ts';
import { seamOf } from './seam.ts';

export interface Reported {
  readonly file: string;
  readonly links: number;
  readonly sha256: string;
}

const shownSeams = 8;

interface Judged {
  readonly verdict: string;
  readonly reasons: string;
  readonly links: number;
  readonly dropped: number;
  readonly rms_px: number;
  readonly max_px: number;
  readonly created_at: string;
}

/** Writes what is known of a stack version as one HTML file: verdict, maps, histograms, the worst links as pictures. */
export async function reportStack(
  library: LibraryStore,
  stackId: string,
  out: string,
  env: RenderEnv,
): Promise<Reported> {
  refuseToOverwrite(library, out, '.html');
  const data = dataOf(library, stackId);
  const seams: SeamPicture[] = [];
  for (const link of worstLinks(data.links).slice(0, shownSeams)) {
    const seam = await seamPicture(library, stackId, link, env);
    if (seam) seams.push(seam);
  }
  const bytes = new TextEncoder().encode(reportHtml({ ...data, seams }));
  await writeFileDurably(out, [bytes]);
  return { file: out, links: data.links.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function dataOf(library: LibraryStore, stackId: string): Omit<ReportData, 'seams'> {
  const { read } = library;
  const { dataset, version, model } = stackRow(read, stackId);
  const judged = read.get<Judged>(
    'SELECT verdict, reasons, links, dropped, rms_px, max_px, created_at FROM stack WHERE id = ?',
    stackId,
  );
  const placements = placementsOf(read, stackId);
  const stored = new Map(tilesOf(read, dataset).map((tile) => [tile.id, tile]));
  return {
    title: `Stitching of ${datasetRow(read, dataset).name}`,
    createdAt: judged?.created_at ?? '',
    stack: {
      version,
      model,
      verdict: verdictSchema.parse(judged?.verdict),
      reasons: JSON.parse(judged?.reasons ?? '[]') as string[],
      rmsPx: judged?.rms_px ?? 0,
      maxPx: judged?.max_px ?? 0,
      links: judged?.links ?? 0,
      dropped: judged?.dropped ?? 0,
    },
    placements,
    links: linksOf(read, stackId),
    nameOf: (id) => stored.get(id)?.name ?? `tile ${id}`,
    tiles: placements.flatMap(({ tile: id, stackFromTile }) => {
      const tile = stored.get(id);
      if (!tile) return [];
      const [x, y] = applyAffine(stackFromTile, tile.widthPx / 2, tile.heightPx / 2);
      return [{ id, section: tile.section, x, y, width: tile.widthPx, height: tile.heightPx }];
    }),
  };
}

/** Null where the tiles do not overlap as placed, or a file is gone: the report says the rest. */
async function seamPicture(
  library: LibraryStore,
  stack: string,
  link: Link,
  env: RenderEnv,
): Promise<SeamPicture | null> {
  const request = { stack, tileA: link.tileA, tileB: link.tileB, along: 0.5, whole: false };
  try {
    const { about, a, b, difference } = await seamOf(library, request, env);
    const { widthPx, heightPx, ncc } = about;
    const png = (pixels: Uint8Array): Promise<Uint8Array> =>
      encodePicture({ widthPx, heightPx, dtype: 'uint8', pixels }, { format: 'png', quality: 85 }, env);
    return { link, ncc, pictures: await Promise.all([a, b, difference].map(png)) };
  } catch (error) {
    if (isLamellaError(error, 'invalid-input', 'bad-source', 'not-found')) return null;
    throw error;
  }
}
