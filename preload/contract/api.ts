import { alignProcedures } from './align.ts';
import { annotateProcedures } from './annotation.ts';
import { atlasProcedures } from './atlas.ts';
import { blockProcedures } from './block.ts';
import { ingestProcedures, sampleProcedures, tileProcedures } from './dataset.ts';
import type { Client } from './define.ts';
import { jobProcedures } from './job.ts';
import { figureProcedures } from './figure.ts';
import { intensityProcedures } from './intensity.ts';
import { homeProcedures, libraryProcedures } from './library.ts';
import { publishProcedures } from './publish.ts';
import { regionProcedures } from './region.ts';
import { registerProcedures } from './register.ts';
import { renderProcedures } from './render.ts';
import { shapeProcedures } from './shape.ts';
import { stackProcedures } from './stack.ts';
import { stitchProcedures } from './registration.ts';
import { solveProcedures } from './solve.ts';
import { viewProcedures } from './view.ts';
import { volumeProcedures } from './volume.ts';
import { warpProcedures } from './warp.ts';
import { watchProcedures } from './watch.ts';

/** Every procedure of Lamella: domain, then verb. A test snapshots this tree. */
export const api = {
  home: homeProcedures,
  library: libraryProcedures,
  sample: sampleProcedures,
  ingest: ingestProcedures,
  watch: watchProcedures,
  tile: tileProcedures,
  stitch: stitchProcedures,
  stack: stackProcedures,
  solve: solveProcedures,
  align: alignProcedures,
  intensity: intensityProcedures,
  render: renderProcedures,
  block: blockProcedures,
  volume: volumeProcedures,
  warp: warpProcedures,
  register: registerProcedures,
  atlas: atlasProcedures,
  region: regionProcedures,
  view: viewProcedures,
  shape: shapeProcedures,
  figure: figureProcedures,
  annotate: annotateProcedures,
  publish: publishProcedures,
  job: jobProcedures,
} as const;

export type Api = typeof api;
export type LamellaClient = Client<Api>;
