import { join } from 'node:path';
import type { WarpStep } from '../../../../preload/contract/warp.ts';
import { omeFieldPath } from '../../formats/ome-field-writer.ts';
import { levelAt, mapAxes } from '../../formats/pyramid.ts';
import type { VolumeLevelPlan, VolumePlan } from '../../formats/volume-format.ts';
import { type Unit, unitKey } from '../../jobs/job.ts';
import { mapOfChain, openSteps, type RegistrationRoom } from '../../registrations/chain-of.ts';
import type { ExportInput } from './export.ts';
import type { Parts } from './export-field.ts';
import type { ExportPart } from './export-part.ts';
import { type FieldFormat, isPhysical } from './field-writers.ts';

export interface FieldError {
  readonly meanErrorUm: number;
  readonly mostErrorUm: number;
}

const samples = 4096;

/** Opens what was written as any field, and leads points by it and by the registration. */
export function errorUnit(
  room: RegistrationRoom,
  { format, out }: ExportInput & { readonly format: FieldFormat },
  { part, parts, identity }: { readonly part: ExportPart; readonly parts: Parts; readonly identity: unknown },
): Unit<FieldError> {
  const field: WarpStep = {
    type: 'field',
    source: format === 'ome-zarr' ? join(out, omeFieldPath) : out,
    ...{ allowPrivate: false, holds: 'displacement', interpolation: 'linear', inverse: false },
    frame: isPhysical(format) ? 'physical' : 'volume',
  };
  return {
    key: unitKey('check-field', 1, identity, samples),
    subject: out,
    run: async (signal) => {
      const points = pointsIn(levelAt(part.from, 0));
      const led = async (steps: readonly WarpStep[]): Promise<Float64Array> => ledBy(room, steps, part, points, signal);
      return between(await led(part.steps), await led([...parts.before, field, ...parts.after]));
    },
  };
}

async function ledBy(
  room: RegistrationRoom,
  steps: readonly WarpStep[],
  { from, to }: { readonly from: VolumePlan; readonly to: VolumePlan },
  points: Float64Array,
  signal: AbortSignal,
): Promise<Float64Array> {
  const chain = await openSteps(room, steps, from, to, 'batch');
  try {
    const led = points.slice();
    await mapOfChain(chain, to).apply(led, signal);
    return led;
  } finally {
    await chain.close();
  }
}

/** All over a level, between the centres of its outer voxels, evenly (Roberts's sequence) and at no equal distances. */
function pointsIn({ originNm, sizeXyz, voxelSizeNm }: VolumeLevelPlan): Float64Array {
  const golden = 1.220_744_084_605_76;
  return Float64Array.from({ length: 3 * samples }, (_, i) => {
    const axis = (i % 3) as 0 | 1 | 2;
    const share = (0.5 + Math.floor(i / 3) / golden ** (axis + 1)) % 1;
    return originNm[axis] + (0.5 + share * (sizeXyz[axis] - 1)) * voxelSizeNm[axis];
  });
}

/** Of points that both lead somewhere. */
function between(one: Float64Array, other: Float64Array): FieldError {
  const errors: number[] = [];
  for (let p = 0; p < one.length; p += 3) {
    const um = Math.hypot(...mapAxes((k) => one[p + k]! - other[p + k]!)) / 1000;
    if (Number.isFinite(um)) errors.push(um);
  }
  const sum = errors.reduce((total, um) => total + um, 0);
  return { meanErrorUm: sum / Math.max(1, errors.length), mostErrorUm: errors.reduce((a, b) => Math.max(a, b), 0) };
}
