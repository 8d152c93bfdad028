import { isLamellaError, LamellaError, toWireError } from '../../../../preload/contract/errors.ts';
import type { OutputOf } from '../../../../preload/contract/define.ts';
import type { MeshManifest, shapeProcedures } from '../../../../preload/contract/shape.ts';
import type { MeshBoxAt, OpenMeshes, OpenSkeletons } from '../../formats/shapes/shape-format.ts';
import { inOrder } from '../../volumes/in-order.ts';
import type { StreamCall } from '../call.ts';

/** Boxes and skeletons that are read at once: servers answer slowly, and the workers have a queue of their own. */
export const readAtOnce = 8;

type Fragment = OutputOf<typeof shapeProcedures.fragments>;
type Skeleton = OutputOf<typeof shapeProcedures.skeletons>;
type Failure = OutputOf<typeof shapeProcedures.manifests>['failed'][number];

/** One bad mesh keeps nobody from seeing the others; only the end of the whole call does. */
const tells = (error: unknown): string => {
  if (isLamellaError(error, 'cancelled')) throw error;
  const { message, hint } = toWireError(error);
  return `${message} ${hint}`;
};

/** Sends boxes in the order asked for. */
export async function streamFragments(
  meshes: OpenMeshes,
  wanted: readonly MeshBoxAt[],
  call: StreamCall<Fragment>,
): Promise<void> {
  const work = async (at: MeshBoxAt): Promise<readonly [Fragment, Uint8Array | undefined]> => {
    try {
      const { vertices, triangles, bytes } = await meshes.mesh(at, call.signal);
      return [{ ...at, vertices, triangles, failed: '' }, bytes];
    } catch (error) {
      return [{ ...at, vertices: 0, triangles: 0, failed: tells(error) }, undefined];
    }
  };
  await send(wanted, work, call);
}

/** Sends skeletons in the order asked for. */
export async function streamSkeletons(
  skeletons: OpenSkeletons,
  keys: readonly string[],
  call: StreamCall<Skeleton>,
): Promise<void> {
  const work = async (key: string): Promise<readonly [Skeleton, Uint8Array | undefined]> => {
    try {
      const { name, nodes, edges, bytes } = await skeletons.skeleton(key, call.signal);
      return [{ key, name, nodes, edges, failed: '' }, bytes];
    } catch (error) {
      return [{ key, name: key, nodes: 0, edges: 0, failed: tells(error) }, undefined];
    }
  };
  await send(keys, work, call);
}

async function send<T, V>(
  wanted: readonly T[],
  work: (item: T) => Promise<readonly [V, Uint8Array | undefined]>,
  call: StreamCall<V>,
): Promise<void> {
  for await (const { result } of inOrder(wanted, readAtOnce, call.signal, work)) {
    call.emit(result[0], result[1]);
    await call.drained();
  }
}

/** The manifests that can be read, in the order asked for, and why the others can not. */
export async function manifestsOf(
  meshes: OpenMeshes,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly manifests: MeshManifest[]; readonly failed: Failure[] }> {
  const [manifests, failed]: [MeshManifest[], Failure[]] = [[], []];
  const work = async (key: string): Promise<MeshManifest | Failure> => {
    try {
      return await meshes.manifest(key, signal);
    } catch (error) {
      if (isLamellaError(error, 'cancelled')) throw error;
      const { message, hint } = toWireError(error);
      return { key, message, hint };
    }
  };
  for await (const { result } of inOrder(keys, readAtOnce, signal, work))
    if ('levels' in result) manifests.push(result);
    else failed.push(result);
  return { manifests, failed };
}

export const wrongKind = (id: string, wanted: 'meshes' | 'skeletons'): LamellaError =>
  new LamellaError('invalid-input', `${id} holds no ${wanted}.`, {
    hint: wanted === 'meshes' ? 'Ask for its skeletons.' : 'Ask for its manifests and fragments.',
    fields: { shape: id },
  });
