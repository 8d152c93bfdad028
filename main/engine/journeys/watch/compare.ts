import type { WriteHandle } from '../../store/library-store.ts';
import { addFindings } from './findings-of-tile.ts';
import {
  type Finding,
  isOfOverlaps,
  judgeBrightness,
  judgeOverlaps,
  type Values,
  withoutConsequences,
} from './judge.ts';
import { judgeLate } from './judge-late.ts';
import { type Compared, compareOverlaps, lostFinding, overlapValues } from './overlaps.ts';
import type { Session } from './session.ts';
import type { PlacedTile } from './stage-track.ts';
import { learn, type Taken } from './take.ts';
import { overlapRow } from './watch-rows.ts';

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
  judgeLate(session);
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
  alarms.push(...addFindings(tx, watch, tile.id, findings));
  tx.run(
    'UPDATE watched_tile SET readings = ?, compared = 1 WHERE tile = ?',
    JSON.stringify({ ...taken.values, ...values }),
    tile.id,
  );
}

const movedPart = 0.2;

interface Judged {
  readonly values: Values;
  readonly findings: readonly Finding[];
}

/** Neighbours whose own picture is at fault, or that show another place, are not believed. */
function judgeCompared(session: Session, taken: Taken, compared: readonly Compared[]): Judged {
  const { tile, findings: own } = taken;
  const believed = compared.filter(({ pair, overlap }) => session.tiles.isBelieved(pair.a.id, overlap.offPx !== null));
  const lit = tile.version === '' ? {} : lightOf(session, tile, believed);
  const bright = judgeBrightness({ ...taken.values, ...lit }, session.limits);
  const isFine = own.length === 0 && bright.length === 0;
  const track = tile.version === '' ? null : session.track.take(tile, isFine ? linksOf(session, believed) : []);
  // Where the stage moved the two apart there is less overlap than it says, so that no match says nothing.
  const telling = believed.filter(
    ({ pair, overlap }) =>
      overlap.offPx !== null || session.track.apartPx(pair.a.id, tile.id) < movedPart * pair.thicknessPx,
  );
  const values = { ...overlapValues(telling, isFine ? track : null), ...lit };
  const lost = isFine ? lostFinding(believed) : null;
  if (lost) session.tiles.markLost(tile.id);
  const overlaps = judgeOverlaps(values, session.limits).filter(
    ({ kind }) => bright.length === 0 || kind !== 'brightness',
  );
  const all = withoutConsequences([...own, ...bright, ...(lost ? [lost] : []), ...overlaps]);
  const findings = all.filter((finding) => !own.includes(finding));
  if (bright.some((one) => findings.includes(one))) session.tiles.markSuspect(tile.id);
  settle(session, taken, values, findings);
  return { values, findings };
}

/** What was fine says what is usual; what was taken for it before its overlaps were measured is taken back. */
function settle(
  session: Session,
  { tile, values: own, findings: before }: Taken,
  values: Values,
  findings: readonly Finding[],
) {
  session.early.note(tile.id, values, session.limits);
  if (before.length > 0) return;
  // A lamp that fell stays so: the tiles that follow are held against this one.
  if (findings.every(isOfOverlaps)) session.light.settle(tile);
  if (findings.length > 0) session.limits.forget(own);
  else learn(session, values);
}

const linksOf = (session: Session, believed: readonly Compared[]) =>
  believed.flatMap(({ pair, overlap }) =>
    overlap.offPx ? [{ from: pair.a.id, offPx: session.usualOffs.take(pair, overlap.offPx) }] : [],
  );

/** How a tile is lit, as its neighbours say, less what any tile differs from its neighbour by. */
function lightOf(session: Session, tile: PlacedTile, believed: readonly Compared[]): Values {
  const links = believed.flatMap(({ pair, light }) => {
    if (light === null) return [];
    const [ratio] = session.usualLight.take(pair, [light, 0]);
    // Until it is known what a camera's shading makes of neighbours, they say nothing of the lamp.
    return session.usualLight.knows(pair) ? [{ from: pair.a.id, ratio }] : [];
  });
  const light = session.light.take(tile, links);
  return light ? { lightDrift: light.drift, ...(light.step !== null && { lightStep: light.step }) } : {};
}
