import { z } from 'zod';
import { newDataset, tileSchema } from './dataset.ts';
import { command, job, query, stream } from './define.ts';
import { idSchema, inLibrary, isoTimeSchema, pathRefSchema, warningSchema } from './reference.ts';

/**
 * What is measured of each tile while the microscope writes. `focus`, `brightness` (mean grey level), `saturated`,
 * `black` and `blankness` are those of `tileMetricsSchema`; `slope`, `charging` and `streaks` those of the kernel
 * `measure-tile`. `ncc`: the weakest correlation with a neighbour. `stageStep`: pixels by which the tile lies off where
 * its predecessors say the stage is; `stageDrift`: by how much all before it, and it, have moved from the stage's word.
 * `lightStep`: by which part it is brighter, where it shows the same as its neighbours, than those before it; `lightDrift`:
 * than the first tile of its section.
 */
export const watchMetricNames = [
  'focus',
  'slope',
  'brightness',
  'charging',
  'streaks',
  'saturated',
  'black',
  'blankness',
  'ncc',
  'stageStep',
  'stageDrift',
  'lightStep',
  'lightDrift',
] as const;
export const watchMetricSchema = z.enum(watchMetricNames);
export type WatchMetric = z.infer<typeof watchMetricSchema>;

export const alarmKindSchema = z.enum([
  'out-of-focus',
  'blank',
  'saturated',
  'dark',
  'brightness',
  'charging',
  'streaks',
  'stage-jump',
  'weak-overlap',
  'missing',
  'repeated',
  'unreadable',
  'contradiction',
  'folder-away',
]);
export type AlarmKind = z.infer<typeof alarmKindSchema>;

/** What each is called, in the window and in reports. */
export const alarmWords: Readonly<Record<AlarmKind, string>> = {
  'out-of-focus': 'Out of focus',
  blank: 'Blank',
  saturated: 'Saturated',
  dark: 'Too dark',
  brightness: 'Brightness',
  charging: 'Charging',
  streaks: 'Streaks',
  'stage-jump': 'Stage jump',
  'weak-overlap': 'Weak overlap',
  missing: 'Missing',
  repeated: 'Repeated',
  unreadable: 'Unreadable',
  contradiction: 'Contradiction',
  'folder-away': 'Folder away',
};

export const alarmSchema = z.object({
  id: idSchema,
  kind: alarmKindSchema,
  /** Null for a tile that never came, and for the folder itself. */
  tile: z.number().int().nullable(),
  /** What it is about: the name of a tile, a place of the grid, the folder. */
  subject: z.string(),
  section: z.number().nullable(),
  metric: watchMetricSchema.nullable(),
  value: z.number().nullable(),
  /** The limits at that moment; null where there is none on that side. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** What is wrong, by how much, and what to do, in the user's words. */
  reason: z.string(),
  at: isoTimeSchema,
  seen: z.boolean(),
  /** When it was over: the tile was taken again or came after all, the folder was back. */
  resolvedAt: isoTimeSchema.nullable(),
});
export type Alarm = z.infer<typeof alarmSchema>;

export const limitSchema = z.object({
  metric: watchMetricSchema,
  /** Values outside raise an alarm; null: no limit on that side. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Of the last tiles that were fine; null while too few came. */
  median: z.number().nullable(),
  /** 1.4826 times the median distance from the median: the standard deviation of a normal distribution. */
  spread: z.number().nullable(),
  /** How many tiles it was learned from. */
  learnedFrom: z.number().int(),
  /** How many spreads from the median a learned limit lies. */
  spreads: z.number(),
  /** `fixed`: the same for every microscope; `learned`: of this session; `set`: by the user; `off`: never an alarm. */
  source: z.enum(['fixed', 'learning', 'learned', 'set', 'off']),
});
export type Limit = z.infer<typeof limitSchema>;

export const readingSchema = z.object({
  tile: z.number().int(),
  name: z.string(),
  section: z.number(),
  /** Order of arrival, from 0; a tile that was taken again has the last one. */
  serial: z.number().int(),
  at: isoTimeSchema,
  /** How often it was taken again. */
  retakes: z.number().int(),
  /** What could be measured; those of overlaps follow a moment later. */
  values: z.partialRecord(watchMetricSchema, z.number()),
});
export type Reading = z.infer<typeof readingSchema>;

export const overlapSchema = z.object({
  tileA: z.number().int(),
  tileB: z.number().int(),
  ncc: z.number(),
  /** Where tile b lies, less where the stage says, both as seen from tile a; null where nothing matched. */
  offPx: z.tuple([z.number(), z.number()]).nullable(),
  /** '' or why nothing matched. */
  reason: z.string(),
});
export type Overlap = z.infer<typeof overlapSchema>;

export const watchSchema = z.object({
  id: idSchema,
  dataset: idSchema,
  name: z.string(),
  job: z.string(),
  /** Last part of the folder's path. */
  folderName: z.string(),
  /** `away`: the folder is not there at present; `paused`: nobody looks at it until its job goes on. */
  state: z.enum(['watching', 'away', 'paused', 'stopped']),
  tiles: z.number().int(),
  sections: z.number().int(),
  /** Files that are there and still growing. */
  waiting: z.number().int(),
  /** Tiles that are here and not compared with their neighbours yet. */
  behind: z.number().int(),
  /** Alarms that are not over, and those of them that nobody has seen. */
  openAlarms: z.number().int(),
  unseenAlarms: z.number().int(),
  startedAt: isoTimeSchema,
  lastTileAt: isoTimeSchema.nullable(),
});
export type Watch = z.infer<typeof watchSchema>;

const inWatch = { ...inLibrary, watch: idSchema };
const exampleWatch = { library: 'my-library', watch: 'watch-0a1b2c3d4e5f' };

export const watchProcedures = {
  start: job({
    doc: 'Watch a folder while the microscope writes into it: each tile is measured and compared as it comes, until the watch is stopped.',
    input: z.object({
      ...newDataset,
      settleSecs: z
        .number()
        .min(0.05)
        .max(600)
        .default(2)
        .describe('a file counts as written once it has rested for so long'),
      pollSecs: z.number().min(0.02).max(60).default(1).describe('how often the folder is looked at'),
      giveUpSecs: z
        .number()
        .min(0.1)
        .max(86_400)
        .default(60)
        .describe('a file that is not whole after so long without a change is taken for cut short'),
      stopAfterSecs: z
        .number()
        .min(0.1)
        .max(1_000_000)
        .optional()
        .describe('end the watch once no tile has come for so long; never where left out'),
    }),
    output: z.object({
      watch: idSchema,
      dataset: idSchema,
      tiles: z.number(),
      alarms: z.number(),
      warnings: z.array(warningSchema),
    }),
    example: { library: 'my-library', source: 'scope', layout: 'pattern:s{z}_r{row}_c{col}.tif;overlap=7%' },
  }),
  list: query({
    doc: 'The watched folders of a library, newest first.',
    input: z.object(inLibrary),
    output: z.object({ watches: z.array(watchSchema) }),
    example: { library: 'my-library' },
  }),
  status: stream({
    doc: 'Follow a watched folder: all that was measured so far, then each tile, overlap and alarm as it comes.',
    input: z.object({
      ...inWatch,
      follow: z.boolean().default(true).describe('false: end after what is there now'),
    }),
    output: z.object({
      watch: watchSchema,
      limits: z.array(limitSchema),
      /** Tiles whose rows are new or changed; none in what is told first. */
      tiles: z.array(tileSchema),
      readings: z.array(readingSchema),
      overlaps: z.array(overlapSchema),
      alarms: z.array(alarmSchema),
    }),
    example: exampleWatch,
  }),
  alarms: query({
    doc: 'The alarms of a watched folder, newest first.',
    input: z.object({ ...inWatch, open: z.boolean().default(false).describe('only those that are not over') }),
    output: z.object({ alarms: z.array(alarmSchema) }),
    example: exampleWatch,
  }),
  stop: command({
    doc: 'End a watch: the tiles that came stay, as a dataset like any other.',
    input: z.object(inWatch),
    output: z.object({ stopped: z.boolean() }),
    example: exampleWatch,
  }),
  acknowledge: command({
    doc: 'Mark alarms as seen. Undoable.',
    input: z.object({ ...inWatch, alarms: z.array(idSchema).min(1).max(10_000) }),
    output: z.object({ changed: z.number() }),
    example: { ...exampleWatch, alarms: ['alarm-0a1b2c3d4e5f'] },
  }),
  limits: command({
    doc: 'Set the limits of one metric, for tiles that come from now on; what is left out is learned. Undoable.',
    input: z.object({
      ...inWatch,
      metric: watchMetricSchema,
      low: z.number().optional(),
      high: z.number().optional(),
      spreads: z.number().min(1).max(100).optional().describe('how many spreads from the median a learned limit lies'),
      off: z.boolean().default(false).describe('no alarms of this metric'),
    }),
    output: z.object({ limit: limitSchema }),
    example: { ...exampleWatch, metric: 'focus', low: 0.05 },
  }),
  report: job({
    doc: 'Write the report of a shift: counts, trends, alarms with pictures, and what to take again; a web page in one file, or CSV where the name ends so.',
    input: z.object({ ...inWatch, out: pathRefSchema.describe('a new file, such as shift.html or retake.csv') }),
    output: z.object({ file: pathRefSchema, tiles: z.number(), alarms: z.number(), retake: z.number() }),
    example: { ...exampleWatch, out: 'shift.html' },
  }),
  page: query({
    doc: 'The report of a shift as one web page, without writing a file: the bytes are its HTML.',
    input: z.object(inWatch),
    output: z.object({ title: z.string() }),
    example: exampleWatch,
  }),
};
