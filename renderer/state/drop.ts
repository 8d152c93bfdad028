import type { Grant } from '../../preload/contract/bridge.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { engine } from '../engine.ts';
import { onTilesDropped } from './acquire.ts';
import { lookAtAtlas } from './atlas-draft.ts';
import { goTo, session } from './session.ts';
import { areShapes, lookAtShapes } from './shape-draft.ts';
import { isShapeFile } from './shapes.ts';
import type { Source } from './source.ts';
import { toast } from './toasts.ts';
import { lookAtSource } from './volume-draft.ts';

/** What was dropped on the window: a volume in the rooms of volumes; elsewhere it is looked at what it is. */
export function onDropped(grants: readonly Grant[]): void {
  const [first] = grants;
  if (!first) return;
  const shapes = grants.filter(({ kind, name }) => kind === 'file' && isShapeFile(name));
  // Meshes and skeletons say themselves what they are.
  if (shapes.length > 0) return void lookAtShapes(shapes.map(sourceOf));
  void lookAtAtlas(grants).then((isAtlas) => isAtlas || lookAtRest(first, grants));
}

function lookAtRest(first: Grant, grants: readonly Grant[]): void {
  const { room } = session();
  const takesVolumes = room === 'volumes' || room === 'view' || room === 'annotate';
  if (takesVolumes && grants.length > 1) sayOnlyOne(first, grants.length);
  if (takesVolumes) void lookAt(first);
  else void sortOut(grants.find(({ kind }) => kind === 'folder') ?? first, grants);
}

const sourceOf = ({ id, name, kind }: Grant): Source => ({
  ref: id,
  text: name,
  kind: kind === 'folder' ? 'folder' : 'file',
});

/** A folder of meshes or skeletons is no volume: then it is shown as what it is. */
const lookAt = (grant: Grant): Promise<void> => lookAtSource(sourceOf(grant));

const sayOnlyOne = (first: Grant, count: number): void =>
  toast({
    tone: 'info',
    title: `${count} things were dropped; this is ${first.name}`,
    detail: 'One volume is added at a time. Sections in single files: drop the folder that holds them.',
  });

/** Pictures are tiles to import; anything else that is a volume is added as one. */
async function sortOut(one: Grant, all: readonly Grant[]): Promise<void> {
  try {
    const { value } = await engine().volume.describe({ source: one.id });
    if (value.format !== 'image-stack') return await lookAt(one);
  } catch (error) {
    if (!isLamellaError(error)) throw error;
    if (await areShapes(sourceOf(one), false, new AbortController().signal)) return goTo('volumes');
  }
  onTilesDropped(all);
}
