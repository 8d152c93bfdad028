import type { PointNm } from '../../../preload/contract/warp.ts';
import type { JobKind } from '../jobs/job.ts';
import { type RegistrationRoom, stepsOnto, volumesOnto } from '../registrations/chain-of.ts';
import { openWay } from '../registrations/open-led-shapes.ts';
import { registrationById, registrationRow, registrations } from '../registrations/registration-rows.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { volumeById } from '../store/volume-rows.ts';
import { stampOf } from '../store/warp-rows.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import { addWarp } from '../volumes/warped/new-warp.ts';
import type { Call, HandlersOf } from './call.ts';
import { type AffineInput, type AffineOutput, registerAffine } from './register/affine.ts';
import { acceptRunning, progressOf } from './register/deform-progress.ts';
import { evaluateRegistration, type EvaluateOutput } from './register/evaluate.ts';
import type { EvaluateInput } from './register/evaluated-pair.ts';
import { type LddmmInput, type LddmmOutput, registerLddmm } from './register/lddmm.ts';
import { type ExportInput, type ExportOutput, exportRegistration } from './register/export.ts';
import { type ImportInput, type ImportOutput, importRegistration } from './register/import.ts';
import { leadAnnotations } from './register/lead-annotations.ts';
import { leadShapes, type ShapesOf, wayOnto } from './register/lead-shapes.ts';
import { nudgedBy } from './register/nudge.ts';
import { planesOf } from './register/planes.ts';

const affineKind = (volumes: OpenVolumes): JobKind<AffineInput, AffineOutput> => ({
  kind: 'register.affine',
  label: ({ name, model }) => (name === undefined ? `Register (${model})` : `Register ${name}`),
  run: (job, input) => registerAffine(volumes, job, input),
});

const evaluateKind = (volumes: OpenVolumes): JobKind<EvaluateInput, EvaluateOutput> => ({
  kind: 'register.evaluate',
  label: () => 'Evaluate a registration',
  run: (job, input) => evaluateRegistration(volumes, job, input),
});

const lddmmKind = (volumes: OpenVolumes): JobKind<LddmmInput, LddmmOutput> => ({
  kind: 'register.lddmm',
  label: ({ name }) => (name === undefined ? 'Bend to fit' : `Bend ${name}`),
  run: (job, input) => registerLddmm(volumes, job, input),
});

const exportKind = (volumes: OpenVolumes): JobKind<ExportInput, ExportOutput> => ({
  kind: 'register.export',
  label: ({ format }) => `Export a registration (${format})`,
  run: (job, input) => exportRegistration(volumes, job, input),
});

const importKind = (volumes: OpenVolumes): JobKind<ImportInput, ImportOutput> => ({
  kind: 'register.import',
  label: ({ name }) => (name === undefined ? 'Import a registration' : `Import ${name}`),
  run: (job, input) => importRegistration(volumes, job, input),
});

/** Volumes laid over each other, and what is done with where they lie. */
export const registerHandlers = (volumes: OpenVolumes, shapes: ShapesOf): HandlersOf<'register'> => ({
  affine: affineKind(volumes),

  lddmm: lddmmKind(volumes),

  import: importKind(volumes),

  progress: ({ library, job }, call) => progressOf(call.library(library), job),

  accept: ({ library, job }, call) => acceptRunning(call.library(library), job),

  list: ({ library, volume }, call) => ({
    value: { registrations: [...registrations(call.library(library).read, volume)] },
  }),

  get: ({ library, registration }, call) => ({
    value: { registration: registrationById(call.library(library).read, registration) },
  }),

  planes: (input, call) => planesOf(roomOf(volumes, call.library(input.library), call), input),

  nudge: ({ library, registration, matrix }, call) => {
    const store = call.library(library);
    const nudged = nudgedBy(registrationById(store.read, registration), matrix);
    store.edit(`Move ${nudged.name} by hand`, (tx) => tx.put('registration', registrationRow(nudged)));
    return { registration: nudged };
  },

  apply: async ({ library, registration: id, onto, volume, name, voxelSizeNm }, call) => {
    const room = roomOf(volumes, call.library(library), call);
    const registration = registrationById(room.library.read, id);
    const { result, source } = volumesOnto(registration, onto);
    const seen = await addWarp(room, {
      source: volume ?? source,
      name,
      steps: stepsOnto(registration, onto),
      grid: { type: 'like', volume: result, ...(voxelSizeNm && { voxelSizeNm }) },
    });
    return warpedAnswer(room.library, seen);
  },

  points: async ({ library, registration: id, points, onto }, call) => {
    const room = roomOf(volumes, call.library(library), call);
    const way = await openWay(room, wayOnto(room, id, onto));
    try {
      const led = Float64Array.from(points.flat());
      await way.lead(led, call.signal);
      return { value: { points: points.map((_, i) => pointAt(led, i)) } };
    } finally {
      await way.close();
    }
  },

  shapes: (input, call) => leadShapes(roomOf(volumes, call.library(input.library), call), shapes, input),

  annotations: (input, call) => leadAnnotations(roomOf(volumes, call.library(input.library), call), input),

  evaluate: evaluateKind(volumes),

  export: exportKind(volumes),

  remove: ({ library, registration }, call) => {
    const store = call.library(library);
    const { name } = registrationById(store.read, registration);
    store.edit(`Remove ${name}`, (tx) => tx.put('registration', { id: registration, removed: 1 }));
    return { removed: true };
  },
});

const roomOf = (volumes: OpenVolumes, library: LibraryStore, { kernels, signal }: Call): RegistrationRoom => ({
  volumes,
  library,
  kernels,
  signal,
});

function warpedAnswer({ read }: LibraryStore, id: string) {
  const { volume, warp } = volumeById(read, id);
  if (!warp) throw new Error(`${id} was made as a warped volume and is none`);
  const { source, steps, grid } = warp;
  return { warp: { volume: id, name: volume.name, source, steps, grid, stamp: stampOf(warp, volume.levels) }, volume };
}

function pointAt(points: Float64Array, i: number): PointNm | null {
  const at = [points[3 * i] ?? NaN, points[3 * i + 1] ?? NaN, points[3 * i + 2] ?? NaN] as const;
  return at.every(Number.isFinite) ? at : null;
}
