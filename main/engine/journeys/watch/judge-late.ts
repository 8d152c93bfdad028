import type { WatchMetric } from '../../../../preload/contract/watch.ts';
import type { WriteHandle } from '../../store/library-store.ts';
import type { DueTile } from './early-tiles.ts';
import { addFindings } from './findings-of-tile.ts';
import { type Finding, judgeBrightness, judgeOverlaps, judgeOwn, type Values, withoutConsequences } from './judge.ts';
import type { Session } from './session.ts';
import { openAlarms, overlapsOfTile, readingsOf } from './watch-rows.ts';

/**
 * Judges the tiles that came before there were limits to hold them to. By themselves first: what is wrong with a tile is
 * not held against its neighbours.
 */
export function judgeLate(session: Session): void {
  const due = session.early.due(session.limits);
  if (due.length === 0) return;
  const { job, watch } = session.options;
  const ids = due.map(({ tile }) => tile);
  const values = new Map(readingsOf(job.library.read, watch, ids).map((one) => [one.tile, one.values]));
  const alarms: string[] = [];
  session.record((tx) => {
    const faulty = new Set<number>();
    for (const one of due) {
      const own = values.get(one.tile) ?? {};
      const found = addLate(tx, session, one, own, [
        ...judgeOwn(own, session.limits),
        ...judgeBrightness(own, session.limits),
      ]);
      if (found.length === 0) continue;
      faulty.add(one.tile);
      session.tiles.markSuspect(one.tile);
      alarms.push(...found);
    }
    for (const one of due) {
      if (faulty.has(one.tile)) continue;
      const own = believedValues(session, one.tile, values.get(one.tile) ?? {});
      alarms.push(...addLate(tx, session, one, own, judgeOverlaps(own, session.limits)));
    }
  });
  if (alarms.length > 0) session.tell({ tiles: ids, alarms });
}

/** Adds findings by metrics that are new to a tile, less what others of it explain; gives their alarms. */
function addLate(
  tx: WriteHandle,
  session: Session,
  { tile, metrics }: DueTile,
  values: Values,
  findings: readonly Finding[],
): readonly string[] {
  const known = openAlarms(tx, tile);
  const fresh = findings.filter(({ metric }) => metric !== null && metrics.has(metric));
  const told = withoutConsequences([...known, ...fresh]).filter((one): one is Finding =>
    fresh.includes(one as Finding),
  );
  if (told.length === 0) return [];
  // What it showed was taken for usual until now.
  if (known.length === 0) session.limits.forget(values);
  return addFindings(tx, session.options.watch, tile, told);
}

const ofOverlaps: readonly WatchMetric[] = ['ncc', 'stageStep', 'lightStep'];

/** What the overlaps of a tile say without neighbours whose own picture turned out to be at fault. */
function believedValues(session: Session, tile: number, values: Values): Values {
  const overlaps = overlapsOfTile(session.options.job.library.read, tile);
  const believed = overlaps.filter(({ tileA, offPx }) => session.tiles.isBelieved(tileA, offPx !== null));
  if (believed.length === overlaps.length) return values;
  const kept = Object.entries(values).filter(([metric]) => !ofOverlaps.includes(metric as WatchMetric));
  const ncc = believed.length === 0 || values.ncc === undefined ? {} : { ncc: Math.min(...believed.map((o) => o.ncc)) };
  return { ...Object.fromEntries(kept), ...ncc };
}
