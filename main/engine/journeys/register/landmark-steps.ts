import { join } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Landmark, WarpStep } from '../../../../preload/contract/warp.ts';
import { mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import { affineStep } from '../../registrations/chain-of.ts';
import { fieldStep, writeField } from '../../registrations/field-file.ts';
import { isSection } from '../../registrations/level-for.ts';
import type { WorkingGrid } from '../../registrations/working-levels.ts';
import { fieldRef } from '../../store/library-fields.ts';
import { invertAffine3 } from '../../transforms/affine3.ts';
import { inverseOf } from '../../transforms/inverse-map.ts';
import { fitLandmarks, mapOfFitted, usedPairs } from '../../transforms/landmarks.ts';
import type { PointMap } from '../../transforms/point-map.ts';

/** One step of a chain, and its inverse. */
export interface StepBothWays {
  readonly there: WarpStep;
  readonly back: WarpStep;
}

export interface LandmarkWarp {
  readonly landmarks: readonly Landmark[];
  /** What the landmarks are to be brought over each other beside. */
  readonly fixedFromMoving: PointMap;
  /** Where the fixed volume and the room around it lie. */
  readonly grid: WorkingGrid;
  /** Of the registration: where the inverse is written. */
  readonly folder: string;
  readonly registration: string;
}

export const inverseFile = 'landmarks-back.nrrd';

/**
 * The thin plate that takes the landmarks of the fixed volume to where those of the moving one lie there so far, and its
 * inverse: searched for on a lattice, as a field. Throws 'invalid-input' where it folds.
 */
export async function landmarkSteps(of: LandmarkWarp, signal: AbortSignal): Promise<StepBothWays> {
  const pairs = usedPairs(of.landmarks);
  const led = Float64Array.from(pairs.flatMap(({ source }) => source));
  await of.fixedFromMoving.apply(led, signal);
  const landmarks = pairs.map(({ id, target }, i): Landmark => ({
    ...{ id, name: '', on: true, target },
    source: [led[3 * i]!, led[3 * i + 1]!, led[3 * i + 2]!],
  }));
  const there = { type: 'landmarks', landmarks, fit: 'thin-plate', stiffness: 0 } as const;
  const fitted = fitLandmarks(there);
  if (fitted.type === 'affine') {
    const back = invertAffine3(fitted.matrix);
    if (!back) throw folds();
    return { there: affineStep(fitted.matrix), back: affineStep(back) };
  }
  const lattice = coarse(of.grid);
  const vectors = await inverseVectors(mapOfFitted(fitted), lattice, signal);
  await writeField(join(of.folder, inverseFile), lattice, vectors);
  return { there: { ...there, landmarks: [...landmarks] }, back: fieldStep(fieldRef(of.registration, inverseFile)) };
}

/** Places of the lattice: a thin plate hardly bends between them. */
const mostPlaces = 2 ** 16;

function coarse({ sizeXyz, voxelSizeNm, originNm }: WorkingGrid): WorkingGrid {
  const more = voxelsIn(sizeXyz) / mostPlaces;
  const by = Math.max(1, isSection({ sizeXyz }) ? Math.sqrt(more) : Math.cbrt(more));
  const size = mapAxes((i) => (sizeXyz[i] === 1 ? 1 : Math.max(2, Math.ceil(sizeXyz[i] / by))));
  return { sizeXyz: size, voxelSizeNm: mapAxes((i) => (sizeXyz[i] * voxelSizeNm[i]) / size[i]), originNm };
}

/** µm, f32: x, y, z of each place. */
async function inverseVectors(map: PointMap, { sizeXyz, voxelSizeNm, originNm }: WorkingGrid, signal: AbortSignal) {
  const count = voxelsIn(sizeXyz);
  const [w, h] = sizeXyz;
  const places = Float64Array.from({ length: 3 * count }, (_, n) => {
    const [i, k] = [Math.floor(n / 3), (n % 3) as 0 | 1 | 2];
    const index = [i % w, Math.floor(i / w) % h, Math.floor(i / (w * h))][k]!;
    return originNm[k] + (index + 0.5) * voxelSizeNm[k];
  });
  const found = places.slice();
  const voxelNm = Math.min(...voxelSizeNm);
  await inverseOf(map, { toleranceNm: 1e-3 * voxelNm, stepNm: 1e-2 * voxelNm }).apply(found, signal);
  if (!found.every(Number.isFinite)) throw folds();
  const vectors = Float32Array.from(found, (nm, n) => (nm - places[n]!) / 1000);
  return new Uint8Array(vectors.buffer);
}

const folds = (): LamellaError =>
  new LamellaError('invalid-input', 'A thin plate through these landmarks would fold space.', {
    hint: 'Look for pairs that were exchanged or set in the wrong place, and turn them off.',
  });
