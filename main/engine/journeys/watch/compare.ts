import type { WriteHandle } from '../../store/library-store.ts';
import { type Finding, judgeOverlaps, type Values, withoutConsequences } from './judge.ts';
import { toldOf } from './known-tiles.ts';
import { type Compared, compareOverlaps, lostFinding, overlapValues } from './overlaps.ts';
import type { Session } from './session.ts';
import { learn, type Taken, verdictOf } from './take.ts';
import { overlapRow, putAlarm } from './watch-rows.ts';

/** Compares tiles that came with the neighbours that are there, and raises what the overlaps show. */
export async function compareTaken(session: Session, taken: readonly Taken[]): Promise<void> {
  if (taken.length === 0) return;
  const readable = taken.filter(({ tile }) => tile.version !== '');
  const order = new Map(taken.map(({ tile }, i) => [tile.id, i]));
  // Of two that came together, the later one is compared with the earlier, as if they had come apart.
  const pairs = readable.flatMap(({ tile }) =>
    session.placed
      .neighboursOf(tile)
      .filter(({ a }) => a.version !== '' && (order.get(a.id) ?? -1) < (order.get(tile.id) ?? 0)),
  );
  const compared = await compareOverlaps(session.options.job, pairs, `Watching ${session.options.name}`);
  const alarms: string[] = [];
  session.record((tx) => {
    for (const one of taken) {
      const own = compared.filter(({ pair }) => pair.b.id === one.tile.id);
      storeCompared(tx, session, one, own, alarms);
    }
  });
  session.tell({ tiles: taken.map(({ tile }) => tile.id), compared, alarms });
}

function storeCompared(
  tx: WriteHandle,
  session: Session,
  taken: Taken,
  compared: readonly Compared[],
  alarms: string[],
): void {
  const { watch } = session.options;
  const { tile } = taken;
  tx.run('DELETE FROM watched_overlap WHERE tile_b = ?', tile.id);
  tx.insertMany(
    'watched_overlap',
    compared.map(({ overlap }) => overlapRow(watch, overlap)),
  );
  const { values, findings } = judgeCompared(session, taken, compared);
  const at = new Date().toISOString();
  const subject = tx.get<{ name: string }>('SELECT name FROM tile WHERE id = ?', tile.id)?.name ?? tile.name;
  for (const finding of findings)
    alarms.push(
      putAlarm(
        tx,
        watch,
        { ...finding, reason: toldOf(finding, tile.name) },
        { tile: tile.id, subject, section: tile.section, at },
      ),
    );
  tx.run(
    'UPDATE watched_tile SET readings = ?, compared = 1 WHERE tile = ?',
    JSON.stringify({ ...taken.values, ...values }),
    tile.id,
  );
  if (findings.length === 0) return;
  const all = [...taken.findings, ...findings];
  tx.run(
    'UPDATE tile SET verdict = ?, reasons = ? WHERE id = ?',
    verdictOf(all),
    JSON.stringify(all.map(({ reason }) => reason)),
    tile.id,
  );
}

const movedPart = 0.2;

/** Neighbours whose own picture is at fault, or that show another place, are not believed. */
export function judgeCompared(
  session: Session,
  { tile, findings: own }: Taken,
  compared: readonly Compared[],
): { readonly values: Values; readonly findings: readonly Finding[] } {
  const believed = compared.filter(({ pair, overlap }) => session.tiles.isBelieved(pair.a.id, overlap.offPx !== null));
  const links = believed.flatMap(({ pair, overlap }) =>
    overlap.offPx ? [{ from: pair.a.id, offPx: session.usualOffs.take(pair, overlap.offPx) }] : [],
  );
  const isFine = own.length === 0;
  const track = tile.version === '' ? null : session.track.take(tile, isFine ? links : []);
  // Where the stage moved the two apart there is less overlap than it says, so that no match says nothing.
  const telling = believed.filter(
    ({ pair, overlap }) =>
      overlap.offPx !== null || session.track.apartPx(pair.a.id, tile.id) < movedPart * pair.thicknessPx,
  );
  const values = overlapValues(telling, isFine ? track : null);
  const lost = isFine ? lostFinding(believed) : null;
  if (lost) session.tiles.markLost(tile.id);
  const judged = [...(lost ? [lost] : []), ...judgeOverlaps(values, session.limits)];
  const findings = withoutConsequences([...own, ...judged]).filter((finding) => !own.includes(finding));
  if (isFine && findings.length === 0) learn(session, values);
  return { values, findings };
}
