import { affineRows } from './affine.ts';
import { regionLookup, regionLookupLed } from './atlas.ts';
import { blockRows } from './blocks.ts';
import { cacheGet, cachePut } from './cache.ts';
import { cancel } from './cancel.ts';
import { convertRows } from './convert.ts';
import { segmentationCodec } from './cseg.ts';
import { deformRows } from './deform.ts';
import { demo } from './demo.ts';
import { downsampling } from './downsample.ts';
import { flatFieldRows } from './flat-field.ts';
import { fuzzVolumes } from './fuzz.ts';
import { gradientRows } from './gradient.ts';
import { mosaicRows } from './mosaic.ts';
import { motionRows } from './motion.ts';
import { cv2Rows, pair2048, pair512 } from './pair.ts';
import { pairFalseAccepts } from './pair-false.ts';
import { renderRows } from './render-box.ts';
import type { BenchRow } from './row.ts';
import { stitchRows } from './stitch.ts';
import { solveEngine } from './solve-engine.ts';
import { solveRows } from './solve.ts';
import { viewerRows } from './view.ts';
import { volumeIo } from './volume-io.ts';
import { walkRows } from './walk.ts';
import { warpLevelRows } from './warp-level.ts';
import { wantList } from './want-list.ts';
import { windowThreadRows } from './window-thread.ts';

/** Every row, in the order of the table. */
export const rows: readonly BenchRow[] = [
  pair512,
  pair2048,
  ...solveRows,
  solveEngine,
  ...cv2Rows,
  pairFalseAccepts,
  ...stitchRows,
  ...renderRows,
  ...blockRows,
  cancel,
  cacheGet,
  cachePut,
  ...volumeIo,
  ...downsampling,
  ...segmentationCodec,
  ...convertRows,
  ...flatFieldRows,
  ...gradientRows,
  ...affineRows,
  ...deformRows,
  ...warpLevelRows,
  regionLookup,
  regionLookupLed,
  fuzzVolumes,
  wantList,
  ...viewerRows,
  ...mosaicRows,
  ...walkRows,
  ...windowThreadRows,
  ...motionRows,
  demo,
];
