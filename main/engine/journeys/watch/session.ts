import { join } from 'node:path';
import type { Alarm } from '../../../../preload/contract/watch.ts';
import type { Warning } from '../../../../preload/contract/reference.ts';
import { FolderPoll, type RestedFile } from '../../intake/folder-poll.ts';
import { fileNameOf } from '../../intake/source-files.ts';
import type { JobRun } from '../../jobs/job.ts';
import type { WriteHandle } from '../../store/library-store.ts';
import { tilesWithIds } from '../../store/tiles.ts';
import type { WatchHub } from './hub.ts';
import { EarlyTiles } from './early-tiles.ts';
import { KnownTiles } from './known-tiles.ts';
import { LightTrack } from './light-track.ts';
import { LearnedLimits } from './limits.ts';
import { GridHoles, ListHoles } from './missing.ts';
import type { Compared } from './overlaps.ts';
import type { FoundPlace, Places } from './places.ts';
import { PlacedTiles, StageTrack } from './stage-track.ts';
import { UsualOffs } from './usual-offs.ts';
import { alarmsOf, limitSettings, readingsOf, watchRow, watchSummary } from './watch-rows.ts';

export interface SessionOptions {
  readonly job: JobRun;
  readonly hub: WatchHub;
  readonly watch: string;
  readonly dataset: string;
  readonly name: string;
  readonly folder: string;
  readonly places: Places;
  readonly settleMs: number;
  readonly giveUpMs: number;
}

/** A hole waits for one more look: tiles may come in another order than they were taken. */
export interface OpenHole {
  readonly key: string;
  readonly subject: string;
  readonly section: number | null;
}

/** What a watch holds in memory while it is at work; all of it is made anew of the library's rows. */
export class Session {
  readonly options: SessionOptions;
  readonly poll: FolderPoll;
  readonly tiles = new KnownTiles();
  readonly placed = new PlacedTiles();
  readonly track = new StageTrack();
  readonly usualOffs = new UsualOffs();
  readonly light = new LightTrack();
  readonly usualLight = new UsualOffs();
  readonly limits = new LearnedLimits();
  readonly early = new EarlyTiles();
  /** Rested files that the layout does not know, to be asked for again when it has changed. */
  readonly unplaced = new Map<string, RestedFile>();
  serial = 0;
  holes: OpenHole[] = [];
  readonly #grid = new GridHoles();
  #list: ListHoles | null = null;

  constructor(options: SessionOptions) {
    this.options = options;
    const { folder, settleMs, giveUpMs } = options;
    this.poll = new FolderPoll(folder, { settleMs, giveUpMs });
  }

  pathOf(inside: string): string {
    return join(this.options.folder, inside);
  }

  /** Notes that a tile came; what it shows to be missing waits for the next look. */
  noteArrival({ key, layout }: FoundPlace): void {
    const { expected } = this.options.places;
    if (layout.place.kind === 'grid') {
      for (const { row, col } of this.#grid.take(layout.section, layout.place.row, layout.place.col)) {
        const subject = `section ${layout.section}, row ${row}, column ${col}`;
        this.holes.push({ key: `${layout.section}/${row}/${col}`, subject, section: layout.section });
      }
    } else if (expected) {
      this.#list ??= new ListHoles(expected);
      for (const name of this.#list.take(key)) this.holes.push({ key: name, subject: name, section: null });
    }
  }

  /** A layout that was read anew may name others. */
  forgetOrder(): void {
    this.#list = null;
  }

  /** The holes that are still open, where none of their files is growing. */
  dueHoles(): readonly OpenHole[] {
    const growing = new Set(this.poll.growing().map((path) => this.options.places.placeOf(path)?.key));
    const due = this.holes.filter(({ key }) => !this.tiles.get(key) && !growing.has(key));
    this.holes = this.holes.filter(({ key }) => growing.has(key));
    return due;
  }

  /** The user may have changed limits meanwhile. */
  readLimits(): void {
    this.limits.set(limitSettings(this.options.job.library.read, this.options.watch));
  }

  record<T>(change: (tx: WriteHandle) => T): T {
    return this.options.job.library.record(change);
  }

  warn(warning: Warning): void {
    this.options.job.warn(warning);
  }

  /** Tells all who follow what has changed. */
  tell({
    tiles = [],
    compared = [],
    alarms = [],
  }: {
    readonly tiles?: readonly number[];
    readonly compared?: readonly Compared[];
    readonly alarms?: readonly string[];
  }): void {
    const { job, hub, watch, dataset } = this.options;
    const { read } = job.library;
    const changed: readonly Alarm[] = alarms.length === 0 ? [] : alarmsOf(read, watch, alarms);
    hub.tell(watch, {
      watch: watchSummary(read, watchRow(read, watch), true),
      limits: this.limits.all(),
      tiles:
        tiles.length === 0
          ? []
          : tilesWithIds(read, dataset, tiles).map(
              ({ path: _path, pixelSha256: _pixels, hasSpec: _spec, ...tile }) => tile,
            ),
      readings: tiles.length === 0 ? [] : readingsOf(read, watch, tiles),
      overlaps: compared.map(({ overlap }) => overlap),
      alarms: changed,
    });
  }
}

export const shortName = (path: string): string => fileNameOf(path);
