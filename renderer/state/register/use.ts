import type { Onto, Registration } from '../../../preload/contract/register.ts';
import { engine } from '../../engine.ts';
import { chooseAtlas, layersOfAtlas, useAtlases, type KnownAtlas } from '../atlases.ts';
import { selectLayer, showAlso } from '../layer-edits.ts';
import { startLandmarks } from '../landmark-tool.ts';
import { isVolumeLayer } from '../layers.ts';
import { changed, openLibraryId, undoAction, useLibrary } from '../library.ts';
import { isOfAtlas } from '../of-atlas.ts';
import { colourAsAtlas } from '../region-looks.ts';
import { askToMeasure } from '../region-measure.ts';
import { session, setSession } from '../session.ts';
import { attempt, toast } from '../toasts.ts';
import { useView } from '../view.ts';
import { seenAlready } from './seen-already.ts';
import { registerNow, selectedRegistration, volumeNamed } from './register.ts';

/** What is done with a registration in View: warped volumes of it, and landmarks for it. */

/** Opens a volume in View with another one over it. */
function seeOver(base: string, over: string): void {
  const shown = volumeNamed(over);
  setSession({ volume: base, room: 'view' });
  const isThere = useView.getState().layers.some((layer) => isVolumeLayer(layer) && layer.volume === over);
  if (shown && !isThere) showAlso(shown);
}

/**
 * Opens one side, or what lies where it does, over the other side: as a warped volume, made where there is none yet.
 * Tells whether it did.
 */
export async function applyRegistration(onto: Onto, volume: string | null): Promise<boolean> {
  const registration = selectedRegistration();
  if (!registration) return false;
  const { fixed, moving } = registration;
  const [there, side] = onto === 'fixed' ? [fixed, moving] : [moving, fixed];
  const listed = await attempt(() => engine().warp.list({ library: openLibraryId() }));
  const before = listed && seenAlready(listed.value.warps, registration, onto, volume ?? side);
  if (before) {
    seeOver(there, before.volume);
    return true;
  }
  const made = await attempt(() =>
    engine().register.apply({
      ...{ library: openLibraryId(), registration: registration.id, onto },
      ...(volume !== null && { volume }),
    }),
  );
  if (!made) return false;
  await changed();
  seeOver(there, made.volume.id);
  toast({
    tone: 'good',
    title: `${made.volume.name} is a volume of the library`,
    detail: 'It is drawn as it is read; nothing was written. Convert it to write it.',
    action: undoAction,
  });
  return true;
}

/** An atlas that one side of a registration belongs to, and the way from it to the other side, a brain. */
export interface AtlasSide {
  readonly atlas: KnownAtlas;
  readonly onto: Onto;
  readonly brain: string;
}

export function atlasSideOf({ fixed, moving }: Registration, atlases: readonly KnownAtlas[]): AtlasSide | null {
  const of = (side: string): KnownAtlas | undefined => atlases.find((atlas) => isOfAtlas(atlas, side));
  const [stays, moves] = [of(fixed), of(moving)];
  if (stays) return { atlas: stays, onto: 'moving', brain: moving };
  return moves ? { atlas: moves, onto: 'fixed', brain: fixed } : null;
}

/** Opens the brain in View with the regions of the atlas over it, in the atlas's colours. */
export async function seeRegions({ atlas, onto }: AtlasSide): Promise<void> {
  chooseAtlas(atlas.id);
  const isSeen = await applyRegistration(onto, atlas.annotation);
  if (isSeen && layersOfAtlas(atlas, useView.getState()).length > 0) colourAsAtlas(atlas);
}

/** Opens the brain in View and asks what of it is measured by region: its own tissue, not that seen in the atlas. */
export function measureRegions({ atlas, brain }: AtlasSide): void {
  chooseAtlas(atlas.id);
  setSession({ volume: brain, room: 'view' });
  askToMeasure(useView.getState().layers.find((layer) => isVolumeLayer(layer) && layer.volume === brain)?.id);
}

/** Copies points and lines of one side to the other, named `there`. */
export async function bringAnnotations(onto: Onto, there: string): Promise<void> {
  const registration = selectedRegistration();
  if (!registration) return;
  const asked = { library: openLibraryId(), registration: registration.id, onto };
  const brought = await attempt(() => engine().register.annotations(asked));
  if (!brought) return;
  const { annotations, lost } = brought;
  const left = lost.length === 0 ? {} : { detail: `${lost.length} lead nowhere through this map and stayed behind.` };
  if (annotations.length === 0) {
    toast({ tone: 'info', title: 'No annotations to bring', ...left });
    return;
  }
  await changed();
  toast({
    tone: 'good',
    title: `${annotations.length === 1 ? '1 annotation' : `${annotations.length} annotations`} copied to ${there}`,
    ...left,
    action: undoAction,
  });
}

/** Brings a set of meshes or skeletons to the other side, as a set of its own. */
export async function bringShapes(onto: Onto, shapes: string): Promise<void> {
  const registration = selectedRegistration();
  if (!registration) return;
  const asked = { library: openLibraryId(), registration: registration.id, onto, shapes };
  const brought = await attempt(() => engine().register.shapes(asked));
  if (!brought) return;
  await changed();
  const { vertices, beyond, nowhere } = brought.checked;
  const out = beyond + nowhere;
  toast({
    tone: out > 0 ? 'warn' : 'good',
    title: `${brought.shapes.name} is a set of the library`,
    detail:
      out > 0
        ? `Of ${vertices} vertices that were looked at ${beyond} lie beyond the volume and ${nowhere} lead nowhere: do they lie where it does?`
        : 'It is led there as it is read; nothing was written.',
    action: undoAction,
  });
}

/** Opens both volumes in View with the landmark tool on the moving one. */
export async function placeLandmarks(): Promise<void> {
  const { fixed, moving } = registerNow();
  if (fixed === null || moving === null) return;
  await changed();
  seeOver(fixed, moving);
  const layer = useView.getState().layers.find((one) => isVolumeLayer(one) && one.volume === moving);
  if (!layer || session().room !== 'view') return;
  selectLayer(layer.id);
  startLandmarks(layer.id);
}

/** Volumes that may lie where a side does, labels first: they are what one wants to take along. */
export function takenAlong(side: string): ReadonlyArray<{ readonly id: string; readonly name: string }> {
  const { atlases } = useAtlases.getState();
  const annotations = new Set(atlases.filter(({ template }) => template === side).map(({ annotation }) => annotation));
  const weight = ({ id, kind }: { readonly id: string; readonly kind: string }): number =>
    annotations.has(id) ? 0 : kind === 'segmentation' ? 1 : 2;
  return (useLibrary.getState().library?.volumes ?? [])
    .filter(({ id }) => id !== side)
    .toSorted((a, b) => weight(a) - weight(b));
}
