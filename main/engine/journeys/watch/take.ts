import type { RestedFile } from '../../intake/folder-poll.ts';
import { measuredColumns } from '../../intake/dataset-rows.ts';
import type { Row, WriteHandle } from '../../store/library-store.ts';
import { verdictOf } from './findings-of-tile.ts';
import { type Finding, judgeOwn, type Values, withoutConsequences } from './judge.ts';
import { faultsOf, toldOf } from './known-tiles.ts';
import { type FoundPlace, stageOf } from './places.ts';
import { readTiles, type TileRead } from './read-tile.ts';
import { type Session, shortName } from './session.ts';
import type { PlacedTile } from './stage-track.ts';
import { putAlarm, resolveAlarms } from './watch-rows.ts';

/** A tile that came and was judged by itself. */
export interface Taken {
  readonly tile: PlacedTile;
  readonly values: Values;
  readonly findings: readonly Finding[];
}

interface Came {
  readonly file: RestedFile;
  readonly place: FoundPlace;
  readonly read: TileRead;
}

/** Reads files that rested, stores what they are, and raises what is wrong with them by themselves. */
export async function takeFiles(session: Session, files: readonly RestedFile[]): Promise<readonly Taken[]> {
  await session.options.places.prepare?.(files.map(({ path }) => path));
  const known = files.flatMap((file) => {
    const place = session.options.places.placeOf(file.path);
    if (!place) session.unplaced.set(file.path, file);
    else session.unplaced.delete(file.path);
    return place && !isSuperseded(session, place, file) ? [{ file, place }] : [];
  });
  const { job, name } = session.options;
  const reads = await readTiles(
    job,
    (path) => session.pathOf(path),
    known.map(({ file }) => file),
    `Watching ${name}`,
  );
  const came = known.flatMap((one, i): Came[] => {
    const read = reads[i] ?? { state: 'gone' };
    if (read.state === 'growing') session.poll.defer(one.file.path);
    return read.state === 'growing' || read.state === 'gone' ? [] : [{ ...one, read }];
  });
  if (came.length === 0) return [];
  const alarms: string[] = [];
  const taken = session.record((tx) => came.map((one) => store(tx, session, one, alarms)));
  session.tell({ tiles: taken.map(({ tile }) => tile.id), alarms });
  return taken;
}

/** An older file of a tile that was taken again since. */
function isSuperseded(session: Session, { key }: FoundPlace, { mtimeMs, path }: RestedFile): boolean {
  const now = session.tiles.get(key);
  return now !== undefined && now.name !== path && now.mtimeMs > mtimeMs;
}

function store(tx: WriteHandle, session: Session, came: Came, alarms: string[]): Taken {
  const { place, read } = came;
  const measured = read.state === 'read' ? read.measured : null;
  const level = [...place.layout.images.keys()][0] ?? 0;
  const scale = 2 ** level;
  const sizePx = place.layout.sizePx ?? scaled(measured?.sizePx, scale) ?? session.tiles.usual?.sizePx ?? [1, 1];
  const values = valuesOf(read);
  const own = faultsOf(read, place.key, sizePx, session.tiles);
  const findings = withoutConsequences([...own, ...judgeOwn(values, session.limits)]);
  if (measured) session.tiles.usual ??= { sizePx, dtype: measured.dtype };
  const row = tileRow(session, came, { sizePx, level, findings });
  const id = putTile(tx, session, row, session.tiles.get(place.key)?.id);
  putArrival(tx, session, came, id, values);
  alarms.push(...raise(tx, session, place, id, findings));
  const tile: PlacedTile = {
    id,
    section: place.layout.section,
    path: session.pathOf(came.file.path),
    name: shortName(place.layout.name),
    version: measured?.sha256 ?? '',
    scale,
    sizePx,
    stageFromTile: JSON.parse(String(row['stage_from_tile'])) as PlacedTile['stageFromTile'],
  };
  note(session, came, tile, values, findings);
  return { tile, values, findings };
}

function putArrival(tx: WriteHandle, session: Session, { file }: Came, tile: number, values: Values): void {
  const before = tx.get<{ retakes: number }>('SELECT retakes FROM watched_tile WHERE tile = ?', tile);
  tx.run('DELETE FROM watched_tile WHERE tile = ?', tile);
  tx.insertMany('watched_tile', [
    {
      tile,
      watch: session.options.watch,
      serial: session.serial++,
      fingerprint: file.fingerprint,
      arrived_at: new Date().toISOString(),
      retakes: before ? before.retakes + 1 : 0,
      readings: JSON.stringify(values),
    },
  ]);
}

/** Ends what was said of the tile before it came, and says what is wrong with it now; gives the alarms that changed. */
function raise(
  tx: WriteHandle,
  session: Session,
  place: FoundPlace,
  tile: number,
  findings: readonly Finding[],
): readonly string[] {
  const { watch } = session.options;
  const at = new Date().toISOString();
  const { name: subject, section } = place.layout;
  return [
    ...resolveAlarms(tx, watch, { tile }, at),
    ...resolveAlarms(tx, watch, { subject: subjectOf(place) }, at),
    ...findings.map((finding) =>
      putAlarm(tx, watch, { ...finding, reason: toldOf(finding, shortName(subject)) }, { tile, subject, section, at }),
    ),
  ];
}

/** What the alarm of a tile that had not come was about. */
const subjectOf = ({ key, layout }: FoundPlace): string =>
  layout.place.kind === 'grid' ? `section ${layout.section}, row ${layout.place.row}, column ${layout.place.col}` : key;

function note(
  session: Session,
  { file, place, read }: Came,
  tile: PlacedTile,
  values: Values,
  findings: readonly Finding[],
): void {
  const pixels = read.state === 'read' ? read.measured.pixelSha256 : '';
  session.tiles.put(
    place.key,
    { id: tile.id, name: place.layout.name, mtimeMs: file.mtimeMs },
    pixels,
    findings.length > 0,
  );
  session.placed.put(tile);
  session.noteArrival(place);
  session.early.forget(tile.id);
  session.early.note(tile.id, values, session.limits);
  if (findings.length === 0) learn(session, values);
}

/** Only tiles that were fine say what is usual. */
export function learn(session: Session, values: Values): void {
  for (const [metric, value] of Object.entries(values)) session.limits.learn(metric as keyof Values, value);
}

const scaled = (size: readonly [number, number] | undefined, scale: number): readonly [number, number] | undefined =>
  size && [size[0] * scale, size[1] * scale];

function valuesOf(read: TileRead): Values {
  if (read.state !== 'read') return {};
  const { focus, mean, saturated, black, blankness } = read.measured;
  return { focus, brightness: mean, saturated, black, blankness, ...read.scan };
}

interface About {
  readonly sizePx: readonly [number, number];
  readonly level: number;
  readonly findings: readonly Finding[];
}

function tileRow(session: Session, { file, place, read }: Came, { sizePx, level, findings }: About): Row {
  const { dataset, places } = session.options;
  const measured = read.state === 'read' ? read.measured : null;
  const { layout } = place;
  return {
    dataset,
    name: layout.name,
    section: layout.section,
    path: session.pathOf(file.path),
    mipmap_level: level,
    intensity: layout.pictures?.intensity ? JSON.stringify(layout.pictures.intensity) : null,
    width_px: sizePx[0],
    height_px: sizePx[1],
    dtype: measured?.dtype ?? session.tiles.usual?.dtype ?? 'uint8',
    stage_from_tile: JSON.stringify(stageOf(layout, places.overlap, session.tiles.usual?.sizePx ?? sizePx)),
    ...measuredColumns(measured),
    verdict: verdictOf(findings),
    reasons: JSON.stringify(findings.map(({ reason }) => reason)),
    spec: layout.spec === null ? null : JSON.stringify(layout.spec),
  };
}

/** A tile that was taken again keeps its id, so that reviews and places of it hold. */
function putTile(tx: WriteHandle, session: Session, row: Row, before: number | undefined): number {
  if (before === undefined) {
    tx.insertMany('tile', [row]);
    const made = tx.get<{ id: number }>(
      'SELECT id FROM tile WHERE dataset = ? AND name = ?',
      session.options.dataset,
      row['name'] ?? '',
    );
    return made?.id ?? 0;
  }
  const columns = Object.keys(row);
  tx.run(
    `UPDATE tile SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`,
    ...Object.values(row),
    before,
  );
  tx.run('DELETE FROM watched_overlap WHERE tile_a = ? OR tile_b = ?', before, before);
  return before;
}
