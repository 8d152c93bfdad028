import type { ParsedOf, WithBytes } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration, registerProcedures } from '../../../../preload/contract/register.ts';
import type { RegisterPlane } from '../../../../preload/contract/register-planes.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { WarpStep } from '../../../../preload/contract/warp.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import { affineOfChain, affineStep, openSteps, type RegistrationRoom, withStep } from '../../registrations/chain-of.ts';
import { greysOf, greysOfLabels } from '../../registrations/grey-plane.ts';
import { middleOf, middleOnMiddle } from '../../registrations/middle.ts';
import { bendsOf } from '../../registrations/plane-bends.ts';
import { planeAxes, type PlaneGrid, planeGrids, planeLattice } from '../../registrations/plane-grids.ts';
import { registrationById } from '../../registrations/registration-rows.ts';
import { affineMap, identity3, invertAffine3 } from '../../transforms/affine3.ts';
import { sequenceOf } from '../../transforms/point-map.ts';
import { checkChannel } from '../../volumes/check-channel.ts';
import type { OpenedVolume } from '../../volumes/open-volumes.ts';
import { sourceFromResult } from '../../volumes/warped/chain.ts';
import { WarpedVolume } from '../../volumes/warped/warped-volume.ts';
import { inverseOfMove } from './nudge.ts';

type Input = ParsedOf<typeof registerProcedures.planes>;

interface Planes {
  readonly at: Vec3;
  readonly planes: RegisterPlane[];
  readonly moves: boolean;
}

interface Shown {
  readonly opened: OpenedVolume;
  readonly channel: number;
  readonly time: number;
}

/** Pictures of both volumes over three planes of the fixed one, and how what lies between them bends. */
export async function planesOf(room: RegistrationRoom, input: Input): Promise<WithBytes<Planes>> {
  const asked = askedOf(room, input);
  const fixed = await shown(room, asked.fixed, input.fixedChannel, input.fixedTime);
  const { plan } = fixed.opened.volume;
  const at = input.at ?? middleOf(plan);
  const grids = planeGrids(plan, at, input.sidePx);
  const parts = await pictures(room, fixed, grids, [affineStep(identity3)], plan);
  const told = { at, moves: asked.moving !== null, planes: grids.map((grid) => planeOf(grid)) };
  if (asked.moving === null) return { value: told, bytes: joined(parts) };
  const moving = await shown(room, asked.moving, input.movingChannel, input.movingTime);
  const steps = stepsOf(asked.registration, input, plan, moving.opened.volume.plan);
  parts.push(...(await pictures(room, moving, grids, steps, plan)));
  if (input.bends === 0 || !asked.registration) return { value: told, bytes: joined(parts) };
  const bending = await bends(room, { steps, grids, plan, source: moving.opened.volume.plan, most: input.bends });
  const planes = grids.map((grid, i) => planeOf(grid, bending[i]));
  return { value: { ...told, planes }, bytes: joined([...parts, ...bending.map((one) => one.bytes)]) };
}

function askedOf({ library }: RegistrationRoom, { registration: id, fixed, moving }: Input) {
  if (id !== undefined) {
    const registration = registrationById(library.read, id);
    return { registration, fixed: registration.fixed, moving: registration.moving };
  }
  if (fixed !== undefined) return { registration: null, fixed, moving: moving ?? null };
  throw new LamellaError('invalid-input', 'Neither a registration nor a volume is named.', {
    hint: 'Give --registration, or --fixed and perhaps --moving.',
  });
}

async function shown(room: RegistrationRoom, id: string, channel: number, time: number): Promise<Shown> {
  const opened = await room.volumes.shown(room.library, id, room.kernels);
  checkChannel(opened.stored.volume, channel, time);
  return { opened, channel, time };
}

/** From the fixed volume to the moving one, with the nudge that is only looked at. */
function stepsOf(
  registration: Registration | null,
  { movingFromFixed, moved }: Input,
  fixed: VolumePlan,
  moving: VolumePlan,
): WarpStep[] {
  const steps = registration?.movingFromFixed ?? [affineStep(movingFromFixed ?? middleOnMiddle(fixed, moving))];
  return moved ? withStep(steps, inverseOfMove(moved), 'first') : steps;
}

/** What a volume shows of each plane through a chain of steps, 8 bit. */
async function pictures(
  room: RegistrationRoom,
  { opened: { volume, stored }, channel, time }: Shown,
  grids: readonly PlaneGrid[],
  steps: WarpStep[],
  result: VolumePlan,
): Promise<Uint8Array[]> {
  const { kernels, signal } = room;
  const chain = await openSteps(room, steps, result, volume.plan);
  try {
    const { kind, dtype } = volume.plan;
    const window = stored.volume.channels[channel]?.window ?? stored.volume.window;
    return await Promise.all(
      grids.map(async ({ level, width, height }) => {
        const plan = { ...volume.plan, levels: [level] };
        const warped = new WarpedVolume({ plan, source: volume, chain, kernels, lane: 'interactive' });
        const voxels = await warped.readChunk({ level: 0, xyz: [0, 0, 0], channel, time }, signal);
        if (!voxels) return new Uint8Array(width * height);
        return kind === 'segmentation' ? greysOfLabels(voxels, dtype) : greysOf(voxels, dtype, window);
      }),
    );
  } finally {
    await chain.close();
  }
}

interface BendRequest {
  readonly steps: WarpStep[];
  readonly grids: readonly PlaneGrid[];
  readonly plan: VolumePlan;
  readonly source: VolumePlan;
  readonly most: number;
}

interface Bends {
  readonly columns: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** Without what the affine maps of the chain do, which turn and stretch all alike. */
async function bends(room: RegistrationRoom, request: BendRequest): Promise<Bends[]> {
  const { grids, plan, source, most } = request;
  const chain = await openSteps(room, request.steps, plan, source);
  try {
    const affine = { steps: chain.steps.filter(({ type }) => type === 'affine') };
    const back = invertAffine3(affineOfChain(affine) ?? identity3);
    if (affine.steps.length === chain.steps.length || !back) return [];
    const whole = sourceFromResult(chain, Math.min(...levelAt(plan, 0).voxelSizeNm));
    const map = sequenceOf([whole, affineMap(back)]);
    const told: Bends[] = [];
    for (const grid of grids) {
      const lattice = planeLattice(grid, most);
      const found = await bendsOf(map, grid, lattice, room.signal);
      const bytes = new Uint8Array(found.buffer);
      told.push({ columns: lattice.columns, rows: lattice.rows, bytes });
    }
    return told;
  } finally {
    await chain.close();
  }
}

function planeOf({ plane, width, height, pixelNm, level }: PlaneGrid, bends?: Bends): RegisterPlane {
  const [u, v] = planeAxes[plane];
  const originUm = [level.originNm[u] / 1000, level.originNm[v] / 1000] as const;
  return {
    plane,
    width,
    height,
    pixelUm: pixelNm / 1000,
    originUm,
    columns: bends?.columns ?? 0,
    rows: bends?.rows ?? 0,
  };
}

/** Pictures one after the other; what is measured in floats begins at a multiple of 4. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const pictureBytes = parts.slice(0, 6).reduce((sum, { byteLength }) => sum + byteLength, 0);
  const gap = parts.length > 6 ? -pictureBytes & 3 : 0;
  const all = [...parts.slice(0, 6), new Uint8Array(gap), ...parts.slice(6)];
  return new Uint8Array(Buffer.concat(all));
}
