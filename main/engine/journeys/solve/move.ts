import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { holdSchema } from '../../../../preload/contract/solve.ts';
import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import { judged, residualFindings } from '../../stacks/findings.ts';
import { misfitsOf } from '../../stacks/link-misfits.ts';
import { deriveStack } from '../../stacks/derive-stack.ts';
import { placementsOf, stackRow } from '../../stacks/stack-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { LibraryStore, WriteHandle } from '../../store/library-store.ts';

export interface Move {
  readonly tiles: readonly number[];
  readonly byXPx: number;
  readonly byYPx: number;
  readonly hold: z.output<typeof holdSchema>;
}

/** Makes a version in which these tiles lie elsewhere, or are held otherwise. */
export function moveTiles(library: LibraryStore, parent: string, move: Move): { stack: string; tiles: number } {
  const { version } = stackRow(library.read, parent);
  const wanted = new Set(move.tiles);
  const placed = placementsOf(library.read, parent).filter(({ tile }) => wanted.has(tile));
  const missing = move.tiles.find((tile) => !placed.some((placement) => placement.tile === tile));
  if (missing !== undefined) {
    throw new LamellaError('not-found', `Stack v${version} places no tile ${missing}.`, {
      hint: 'List its tiles with stitch placements.',
      fields: { stack: parent, tile: missing },
    });
  }
  const stack = idOfJob('stack', randomUUID());
  const job = library.read.get<{ job: string }>('SELECT job FROM stack WHERE id = ?', parent)?.job ?? '';
  const { byXPx, byYPx, hold } = move;
  const parameters = { byXPx, byYPx, hold, tiles: placed.length };
  library.edit(labelOf(move, placed.length, version), (tx) => {
    deriveStack(tx, {
      id: stack,
      parent,
      job,
      madeBy: 'edit',
      parameters,
      intensity: { corrections: [], inherit: true },
    });
    for (const { tile, stackFromTile: m, transforms, placedBy } of placed) {
      const moved = [m[0], m[1], m[2], m[3], m[4] + byXPx, m[5] + byYPx];
      const chain = transforms === undefined ? null : JSON.stringify([...transforms, shift(byXPx, byYPx)]);
      const by = hold === 'free' ? (placedBy === 'user' ? 'links' : placedBy) : 'user';
      tx.run(
        'UPDATE placement SET stack_from_tile = ?, transforms = ?, placed_by = ?, fixed = ? WHERE stack = ? AND tile = ?',
        JSON.stringify(moved),
        chain,
        by,
        hold === 'pinned' ? 1 : 0,
        stack,
        tile,
      );
    }
    if (byXPx !== 0 || byYPx !== 0) judgeAnew(tx, stack, move.tiles);
  });
  return { stack, tiles: placed.length };
}

/** What was moved fits its neighbours otherwise: the residuals of its links, and of the version, are those of its new place. */
function judgeAnew(tx: WriteHandle, stack: string, tiles: readonly number[]): void {
  for (const { tileA, tileB, rmsPx } of misfitsOf(tx, stack, tiles))
    tx.run('UPDATE link SET residual_px = ? WHERE stack = ? AND tile_a = ? AND tile_b = ?', rmsPx, stack, tileA, tileB);
  const before = tx.get<{ verdict: string; reasons: string }>('SELECT verdict, reasons FROM stack WHERE id = ?', stack);
  const fit = tx.get<{ rms: number | null; most: number | null }>(
    `SELECT sqrt(sum(json_array_length(points) * residual_px * residual_px) / sum(json_array_length(points))) AS rms,
       max(residual_px) AS most FROM link WHERE stack = ? AND state = 'kept'`,
    stack,
  );
  if (!before || fit?.rms == null || fit.most === null) return;
  const { verdict, reasons } = judged(residualFindings(fit.rms));
  const isWorse = verdict !== 'pass' && before.verdict !== 'fail';
  tx.put('stack', {
    id: stack,
    rms_px: fit.rms,
    max_px: fit.most,
    ...(isWorse && { verdict, reasons: JSON.stringify([...(JSON.parse(before.reasons) as string[]), ...reasons]) }),
  });
}

const shift = (x: number, y: number): TransformSpec => ({
  type: 'leaf',
  className: 'mpicbg.trakem2.transform.TranslationModel2D',
  dataString: `${x} ${y}`,
});

function labelOf({ byXPx, byYPx, hold }: Move, tiles: number, version: number): string {
  const what = tiles === 1 ? 'a tile' : `${tiles} tiles`;
  if (byXPx !== 0 || byYPx !== 0) return `Move ${what} of stack v${version}`;
  return `${hold === 'free' ? 'Let go' : hold === 'pinned' ? 'Pin' : 'Hold'} ${what} of stack v${version}`;
}
