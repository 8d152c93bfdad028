import { create } from 'zustand';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Registration } from '../../../preload/contract/register.ts';
import { engine } from '../../engine.ts';
import { atlasesRead, useAtlases } from '../atlases.ts';
import { onLibraryChanged, openLibraryId, undoAction, useLibrary } from '../library.ts';
import { attempt, toast } from '../toasts.ts';

/** From two volumes to one that lies where the other does: the room Register. */

export const registerSteps = ['choose', 'orient', 'deform', 'check', 'use'] as const;
export type RegisterStep = (typeof registerSteps)[number];

export type Side = 'fixed' | 'moving';

export interface RegisterState {
  readonly step: RegisterStep;
  readonly fixed: string | null;
  readonly moving: string | null;
  readonly fixedChannel: number;
  readonly movingChannel: number;
  /** Volumes that are 0 where the other one does not count. */
  readonly fixedMask: string | null;
  readonly movingMask: string | null;
  /** Newest first; null until they are read. */
  readonly registrations: readonly Registration[] | null;
  /** The registration that is looked at. */
  readonly selected: string | null;
}

const nothing: RegisterState = {
  step: 'choose',
  fixed: null,
  moving: null,
  fixedChannel: 0,
  movingChannel: 0,
  fixedMask: null,
  movingMask: null,
  registrations: null,
  selected: null,
};

export const useRegister = create<RegisterState>(() => nothing);
const get = useRegister.getState;
const set = useRegister.setState;
export const registerNow = get;

export const goToRegisterStep = (step: RegisterStep): void => set({ step });

export const selectedRegistration = (s: RegisterState = get()): Registration | null =>
  s.registrations?.find(({ id }) => id === s.selected) ?? null;

/** What can be laid over each other: labels have no levels to compare. */
export const imagesOf = (volumes: readonly Volume[]): readonly Volume[] =>
  volumes.filter(({ kind }) => kind === 'image');

export const volumeNamed = (id: string | null): Volume | null =>
  useLibrary.getState().library?.volumes.find((volume) => volume.id === id) ?? null;

/** Takes a volume for one side; a registration of other volumes is no longer looked at. */
export function chooseVolume(side: Side, id: string): void {
  if (get()[side] === id) return;
  const other: Side = side === 'fixed' ? 'moving' : 'fixed';
  const exchanged = get()[other] === id ? { [other]: get()[side] } : {};
  set({
    ...exchanged,
    [side]: id,
    [`${side}Channel`]: 0,
    [`${side}Mask`]: null,
    selected: null,
  });
}

export const chooseChannel = (side: Side, channel: number): void =>
  set(side === 'fixed' ? { fixedChannel: channel } : { movingChannel: channel });
export const chooseMask = (side: Side, mask: string | null): void =>
  set(side === 'fixed' ? { fixedMask: mask } : { movingMask: mask });

export function exchangeSides(): void {
  const { fixed, moving, fixedChannel, movingChannel, fixedMask, movingMask } = get();
  set({
    ...{ fixed: moving, moving: fixed, fixedChannel: movingChannel, movingChannel: fixedChannel },
    ...{ fixedMask: movingMask, movingMask: fixedMask, selected: null },
  });
}

/** Looks at a registration, with its two volumes. */
export function selectRegistration(id: string | null): void {
  const found = get().registrations?.find((one) => one.id === id);
  if (!found) return set({ selected: null });
  const { fixed, moving, step } = get();
  const others = fixed !== found.fixed || moving !== found.moving;
  set({
    selected: found.id,
    ...{ fixed: found.fixed, moving: found.moving },
    ...(others && { fixedChannel: 0, movingChannel: 0, fixedMask: null, movingMask: null }),
    step: step === 'choose' ? 'check' : step,
  });
}

/** Begins anew with the volumes that are chosen. */
export const registerAnew = (): void => set({ selected: null, step: 'choose' });

export async function removeRegistration({ id, name }: Registration): Promise<void> {
  const done = await attempt(() => engine().register.remove({ library: openLibraryId(), registration: id }));
  if (!done) return;
  if (get().selected === id) set({ selected: null });
  await loadRegistrations();
  toast({
    tone: 'info',
    title: `${name} was removed`,
    detail: 'Volumes that were made with it stay.',
    action: undoAction,
  });
}

/** Reads registrations anew, and waits for the atlases, whose templates stay. */
async function loadRegistrations(): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return set(nothing);
  const [answer] = await Promise.all([attempt(() => engine().register.list({ library })), atlasesRead()]);
  if (!answer || useLibrary.getState().library?.library !== library) return;
  const { value: listed } = answer;
  const { selected, registrations: before } = get();
  const isNew = ({ id }: Registration): boolean => before?.some((one) => one.id === id) === false;
  set({
    registrations: listed.registrations,
    selected: listed.registrations.some(({ id }) => id === selected) ? selected : null,
  });
  // What was just made of the two volumes is what one wants to see, also where it is not good enough.
  const made = listed.registrations.find(isNew);
  if (made && made.fixed === get().fixed && made.moving === get().moving) selectRegistration(made.id);
  chooseWhatThereIs();
}

/** An atlas's template stays; what was opened last is laid over it. */
function chooseWhatThereIs(): void {
  const { fixed, moving, registrations, selected } = get();
  const { atlases } = useAtlases.getState();
  const images = imagesOf(useLibrary.getState().library?.volumes ?? []);
  const isThere = (id: string | null): boolean => images.some((one) => one.id === id);
  const [last] = registrations ?? [];
  if (!isThere(fixed) && !isThere(moving) && last && selected === null && isThere(last.fixed))
    return selectRegistration(last.id);
  const template = atlases.find((one) => isThere(one.template))?.template ?? null;
  // One volume alone was taken for want of another: an atlas that comes later goes before it.
  const isSettled = isThere(fixed) && (moving !== null || template === null);
  const stays = isSettled ? fixed : (template ?? images[0]?.id ?? null);
  const moves = isThere(moving) && moving !== stays ? moving : (images.find(({ id }) => id !== stays)?.id ?? null);
  if (stays !== fixed || moves !== moving) set({ fixed: stays, moving: moves });
}

useLibrary.subscribe((now, before) => {
  if (now.library?.library === before.library?.library) return;
  set(nothing);
  void loadRegistrations();
});
onLibraryChanged(loadRegistrations);
