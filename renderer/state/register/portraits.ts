import { create } from 'zustand';
import type { WireError } from '../../../preload/contract/errors.ts';
import { toWireError } from '../../../preload/contract/errors.ts';
import { engine } from '../../engine.ts';
import { openLibraryId } from '../library.ts';
import { type PlanePicture, picturesOf } from './planes.ts';

/** Three planes through the middle of a volume, to know it by. */
export interface Portrait {
  readonly pictures: readonly PlanePicture[] | null;
  readonly problem: WireError | null;
}

/** By volume and channel. */
export const usePortraits = create<Readonly<Record<string, Portrait>>>(() => ({}));

export const portraitKey = (volume: string, channel: number): string => `${volume} ${channel}`;

const sidePx = 240;

/** Reads them once; again after a failure. */
export async function readPortrait(volume: string, channel: number): Promise<void> {
  const key = portraitKey(volume, channel);
  const known = usePortraits.getState()[key];
  if (known && !known.problem) return;
  usePortraits.setState({ [key]: { pictures: null, problem: null } });
  try {
    const { value, bytes } = await engine().register.planes({
      ...{ library: openLibraryId(), fixed: volume, fixedChannel: channel, sidePx },
    });
    usePortraits.setState({ [key]: { pictures: picturesOf(value, bytes ?? new Uint8Array()), problem: null } });
  } catch (error) {
    usePortraits.setState({ [key]: { pictures: null, problem: toWireError(error) } });
  }
}
