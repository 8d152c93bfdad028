import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import {
  type Alarm,
  alarmKindSchema,
  type Overlap,
  type Reading,
  type Watch,
  type WatchMetric,
  watchMetricSchema,
} from '../../../../preload/contract/watch.ts';
import type { ReadHandle, Row, WriteHandle } from '../../store/library-store.ts';
import type { Finding, Values } from './judge.ts';
import type { LimitSetting, LimitSettings } from './limits.ts';

export interface WatchRow {
  readonly id: string;
  readonly dataset: string;
  readonly job: string;
  readonly state: 'watching' | 'away' | 'stopping' | 'stopped';
  readonly waiting: number;
  readonly created_at: string;
}

export const watchIdOf = (job: string): string => `watch-${shortHash(job)}`;
const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** 'not-found' where there is none, or its dataset was removed. */
export function watchRow(read: ReadHandle, id: string): WatchRow {
  const row = read.get<WatchRow>(
    'SELECT w.* FROM watch w JOIN dataset d ON d.id = w.dataset WHERE w.id = ? AND d.removed = 0',
    id,
  );
  if (row) return row;
  throw new LamellaError('not-found', `The library has no watch ${id}.`, {
    hint: 'watch list shows those there are.',
    fields: { watch: id },
  });
}

/** Counted by indexes: asked for with every tile that comes. */
function numbersOf(read: ReadHandle, id: string, dataset: string) {
  const counts = read.get<{ tiles: number; sections: number }>(
    'SELECT COUNT(*) AS tiles, COUNT(DISTINCT section) AS sections FROM tile WHERE dataset = ?',
    dataset,
  );
  const alarms = read.get<{ open: number; unseen: number }>(
    `SELECT COUNT(*) AS open, COUNT(*) - COUNT(s.id) AS unseen FROM alarm a LEFT JOIN alarm_seen s ON s.id = a.id
     WHERE a.watch = ? AND a.resolved_at IS NULL`,
    id,
  );
  const last = read.get<{ at: string }>(
    'SELECT arrived_at AS at FROM watched_tile WHERE watch = ? ORDER BY serial DESC LIMIT 1',
    id,
  );
  const behind = read.get<{ n: number }>('SELECT COUNT(*) AS n FROM watched_tile WHERE watch = ? AND compared = 0', id);
  return { counts, alarms, last, behind };
}

/** What a watch has come to. `isAtWork`: whether its job looks at the folder now. */
export function watchSummary(
  read: ReadHandle,
  { id, dataset, job, state, waiting, created_at }: WatchRow,
  isAtWork: boolean,
): Watch {
  const named = read.get<{ name: string; source: string }>('SELECT name, source FROM dataset WHERE id = ?', dataset);
  const { counts, alarms, last, behind } = numbersOf(read, id, dataset);
  const isOver = state === 'stopped' || state === 'stopping';
  return {
    id,
    dataset,
    job,
    name: named?.name ?? '',
    folderName: basename(named?.source ?? ''),
    state: isOver ? 'stopped' : isAtWork ? (state === 'away' ? 'away' : 'watching') : 'paused',
    tiles: counts?.tiles ?? 0,
    sections: counts?.sections ?? 0,
    waiting,
    behind: behind?.n ?? 0,
    openAlarms: alarms?.open ?? 0,
    unseenAlarms: alarms?.unseen ?? 0,
    startedAt: created_at,
    lastTileAt: last?.at ?? null,
  };
}

interface ReadingRow {
  readonly tile: number;
  readonly name: string;
  readonly section: number;
  readonly serial: number;
  readonly arrived_at: string;
  readonly retakes: number;
  readonly readings: string;
}

/** What was measured, in order of arrival; of some tiles, or of all. */
export function readingsOf(read: ReadHandle, watch: string, tiles?: readonly number[]): readonly Reading[] {
  const some = tiles ? 'AND w.tile IN (SELECT value FROM json_each(?))' : '';
  return read
    .all<ReadingRow>(
      `SELECT w.tile, t.name, t.section, w.serial, w.arrived_at, w.retakes, w.readings FROM watched_tile w
       JOIN tile t ON t.id = w.tile WHERE w.watch = ? ${some} ORDER BY w.serial`,
      watch,
      ...(tiles ? [JSON.stringify(tiles)] : []),
    )
    .map(({ arrived_at, readings, ...row }) => ({ ...row, at: arrived_at, values: JSON.parse(readings) as Values }));
}

interface OverlapRow {
  readonly tile_a: number;
  readonly tile_b: number;
  readonly ncc: number;
  readonly off_x_px: number | null;
  readonly off_y_px: number | null;
  readonly reason: string;
}

export function overlapsOf(read: ReadHandle, watch: string): readonly Overlap[] {
  return read
    .all<OverlapRow>(
      'SELECT tile_a, tile_b, ncc, off_x_px, off_y_px, reason FROM watched_overlap WHERE watch = ?',
      watch,
    )
    .map(overlapOf);
}

/** The overlaps that a tile was compared by when it came. */
export const overlapsOfTile = (read: ReadHandle, tile: number): readonly Overlap[] =>
  read.all<OverlapRow>('SELECT * FROM watched_overlap WHERE tile_b = ?', tile).map(overlapOf);

const overlapOf = ({ tile_a, tile_b, ncc, off_x_px: x, off_y_px: y, reason }: OverlapRow): Overlap => ({
  tileA: tile_a,
  tileB: tile_b,
  ncc,
  offPx: x === null || y === null ? null : [x, y],
  reason,
});

/** What is open of a tile. */
export const openAlarms = (read: Pick<ReadHandle, 'all'>, tile: number): readonly Pick<Finding, 'kind' | 'metric'>[] =>
  read.all<Pick<Finding, 'kind' | 'metric'>>(
    'SELECT kind, metric FROM alarm WHERE tile = ? AND resolved_at IS NULL',
    tile,
  );

export const overlapRow = (watch: string, { tileA, tileB, ncc, offPx, reason }: Overlap): Row => ({
  tile_a: tileA,
  tile_b: tileB,
  watch,
  ncc,
  off_x_px: offPx?.[0] ?? null,
  off_y_px: offPx?.[1] ?? null,
  reason,
});

interface AlarmRow {
  readonly id: string;
  readonly kind: string;
  readonly tile: number | null;
  readonly subject: string;
  readonly section: number | null;
  readonly metric: string | null;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly reason: string;
  readonly at: string;
  readonly resolved_at: string | null;
  readonly seen: number;
}

/** The alarms of a watch, newest first; or those of some ids. */
export function alarmsOf(read: ReadHandle, watch: string, ids?: readonly string[]): readonly Alarm[] {
  const some = ids ? 'AND a.id IN (SELECT value FROM json_each(?))' : '';
  return read
    .all<AlarmRow>(
      `SELECT a.*, s.id IS NOT NULL AS seen FROM alarm a LEFT JOIN alarm_seen s ON s.id = a.id
       WHERE a.watch = ? ${some} ORDER BY a.at DESC, a.rowid DESC`,
      watch,
      ...(ids ? [JSON.stringify(ids)] : []),
    )
    .map(({ id, kind, tile, subject, section, metric, value, low, high, reason, at, resolved_at, seen }) => ({
      id,
      kind: alarmKindSchema.parse(kind),
      tile,
      subject,
      section,
      metric: metric === null ? null : watchMetricSchema.parse(metric),
      value,
      low,
      high,
      reason,
      at,
      seen: seen === 1,
      resolvedAt: resolved_at,
    }));
}

export interface AlarmAbout {
  readonly tile: number | null;
  readonly subject: string;
  readonly section: number | null;
  readonly at: string;
}

/** Stores an alarm; gives its id. The same of the same moment is one. */
export function putAlarm(
  tx: WriteHandle,
  watch: string,
  { kind, metric, value, low, high, reason }: Finding,
  about: AlarmAbout,
): string {
  const id = `alarm-${shortHash([watch, kind, about.subject, about.at].join('\n'))}`;
  tx.run('DELETE FROM alarm WHERE id = ?', id);
  tx.insertMany('alarm', [{ id, watch, kind, ...about, metric, value, low, high, reason, resolved_at: null }]);
  return id;
}

/** Ends the open alarms of a tile, or of a subject that has no tile; gives their ids. */
export function resolveAlarms(
  tx: WriteHandle,
  watch: string,
  of: { readonly tile: number } | { readonly subject: string },
  at: string,
): readonly string[] {
  const [where, value] =
    'tile' in of ? (['tile = ?', of.tile] as const) : (['tile IS NULL AND subject = ?', of.subject] as const);
  const open = tx.all<{ id: string }>(
    `SELECT id FROM alarm WHERE watch = ? AND resolved_at IS NULL AND ${where}`,
    watch,
    value,
  );
  for (const { id } of open) tx.run('UPDATE alarm SET resolved_at = ? WHERE id = ?', at, id);
  return open.map(({ id }) => id);
}

const limitId = (watch: string, metric: WatchMetric): string => `${watch}/${metric}`;

export function limitSettings(read: ReadHandle, watch: string): LimitSettings {
  const rows = read.all<{ metric: string; settings: string }>(
    'SELECT metric, settings FROM watch_limit WHERE watch = ?',
    watch,
  );
  return Object.fromEntries(rows.map(({ metric, settings }) => [metric, JSON.parse(settings) as LimitSetting]));
}

export const putLimit = (tx: WriteHandle, watch: string, metric: WatchMetric, setting: LimitSetting): void =>
  tx.put('watch_limit', { id: limitId(watch, metric), watch, metric, settings: JSON.stringify(setting) });
