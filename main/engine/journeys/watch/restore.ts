import { relative, sep } from 'node:path';
import type { Affine } from '../../../../preload/contract/space.ts';
import { compareTaken } from './compare.ts';
import { type Finding, isOfOverlaps, type Values } from './judge.ts';
import { isLostAlarm } from './overlaps.ts';
import type { Session } from './session.ts';
import type { PlacedTile } from './stage-track.ts';
import { learn, type Taken } from './take.ts';
import { openAlarms, overlapsOfTile } from './watch-rows.ts';

interface StoredRow {
  readonly tile: number;
  readonly serial: number;
  readonly fingerprint: string;
  readonly readings: string;
  readonly compared: number;
  readonly name: string;
  readonly section: number;
  readonly path: string;
  readonly mipmap_level: number;
  readonly width_px: number;
  readonly height_px: number;
  readonly dtype: string;
  readonly stage_from_tile: string;
  readonly sha256: string;
  readonly pixel_sha256: string;
}

/**
 * Makes a session of what the library holds, as it was when the process ended: files that were read are not read again,
 * limits are learned of the same tiles, and tiles that were stored and not yet compared are compared.
 */
export async function restore(session: Session): Promise<void> {
  const { job, watch } = session.options;
  const rows = job.library.read.all<StoredRow>(
    `SELECT w.*, t.name, t.section, t.path, t.mipmap_level, t.width_px, t.height_px, t.dtype, t.stage_from_tile, t.sha256,
       t.pixel_sha256 FROM watched_tile w JOIN tile t ON t.id = w.tile WHERE w.watch = ? ORDER BY w.serial`,
    watch,
  );
  const left = rows.map((row) => recall(session, row)).filter((_, i) => rows[i]?.compared === 0);
  session.serial = (rows.at(-1)?.serial ?? -1) + 1;
  session.holes = session.holes.filter(
    ({ subject }) => !job.library.read.get('SELECT 1 FROM alarm WHERE watch = ? AND subject = ?', watch, subject),
  );
  await compareTaken(session, left);
}

function recall(session: Session, row: StoredRow): Taken {
  const inside = relative(session.options.folder, row.path).split(sep).join('/');
  const sizePx = [row.width_px, row.height_px] as const;
  const values = JSON.parse(row.readings) as Values;
  const alarms = openAlarms(session.options.job.library.read, row.tile);
  const kinds = alarms.map(({ kind }) => kind);
  const tile: PlacedTile = {
    id: row.tile,
    section: row.section,
    path: row.path,
    name: row.name,
    version: row.sha256,
    scale: 2 ** row.mipmap_level,
    sizePx,
    stageFromTile: JSON.parse(row.stage_from_tile) as Affine,
  };
  const isSuspect = !alarms.every(isOfOverlaps);
  const place = session.options.places.placeOf(inside);
  if (row.sha256 !== '') session.tiles.usual ??= { sizePx, dtype: row.dtype };
  session.poll.recall(inside, row.fingerprint);
  const mtimeMs = Number(row.fingerprint.split('@')[1] ?? 0);
  session.tiles.put(place?.key ?? row.name, { id: row.tile, name: row.name, mtimeMs }, row.pixel_sha256, isSuspect);
  if (alarms.some(isLostAlarm)) session.tiles.markLost(row.tile);
  session.placed.put(tile);
  if (place) session.noteArrival(place);
  session.early.note(row.tile, values, session.limits);
  session.light.recall(row.tile, values.lightDrift);
  if (row.compared === 1 && !isSuspect) session.light.settle(tile);
  if (kinds.length === 0) learn(session, values);
  if (row.compared === 1 && row.sha256 !== '') session.track.take(tile, isSuspect ? [] : linksOf(session, tile));
  return { tile, values, findings: kinds.map(findingOf) };
}

function linksOf(session: Session, tile: PlacedTile): { from: number; offPx: readonly [number, number] }[] {
  const stored = overlapsOfTile(session.options.job.library.read, tile.id);
  const offs = new Map(stored.map(({ tileA, offPx }) => [tileA, offPx]));
  return session.placed.neighboursOf(tile).flatMap((pair) => {
    const off = session.tiles.isBelieved(pair.a.id, true) ? offs.get(pair.a.id) : undefined;
    return off ? [{ from: pair.a.id, offPx: session.usualOffs.take(pair, off) }] : [];
  });
}

const findingOf = (kind: Finding['kind']): Finding => ({
  kind,
  metric: null,
  value: null,
  low: null,
  high: null,
  reason: '',
});
