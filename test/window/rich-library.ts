// A library with something of everything that a view shows, and views of it: what the checks of its screens look at.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import type { Layer, ViewDocument } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { annotationLayer, layersOf, shapeLayer } from '../../renderer/state/layers.ts';
import { resultOf } from '../engine/follow-job.ts';
import type { RawMesh } from '../renderer/shapes-make.ts';
import { sphere } from '../renderer/shapes-make.ts';
import { copyFusedLibrary } from './fused-library.ts';
import { writeChannels, writeLabels } from './known-volumes.ts';

const shared = join(import.meta.dirname, '../../../shared/data');

export interface RichLibrary {
  readonly library: string;
  /** Electron microscopy: serial sections where the shared data is, else the sample's volume. */
  readonly image: Volume;
  readonly labels: Volume;
  readonly channels: Volume;
  readonly mesh: ShapeSet;
  readonly skeleton: ShapeSet;
}

/** Makes it in `folder`. */
export async function makeRichLibrary(folder: string): Promise<RichLibrary> {
  const { folder: library, volume: fused } = copyFusedLibrary(folder);
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  const add = async (
    source: string,
    more: { name?: string; kind?: 'image' | 'segmentation' } = {},
  ): Promise<Volume> => {
    const { volume } = await resultOf<{ volume: string }>(
      client,
      library,
      client.volume.add({ library, source, ...more }),
    );
    return (await client.view.volume({ library, volume })).value;
  };
  const sections = join(shared, 'ssTEM-vnc', 'raw');
  const real = existsSync(sections);
  if (!real) console.warn('shared data is absent: the image is our own sample');
  const image = real
    ? await add(sections, { name: 'Ventral nerve cord of Drosophila, serial sections' })
    : (await client.view.volume({ library, volume: fused })).value;
  const labels = await add(writeLabels(join(folder, 'segments')));
  const channels = await add(writeChannels(join(folder, 'channels.ome.zarr')));
  const shape = (source: string): Promise<ShapeSet> => client.shape.add({ library, source, unitNm: 1 });
  const mesh = await shape(writeObj(join(folder, 'nucleus.obj'), sphere(240, [320, 320, 40], 12, 18)));
  const skeleton = await shape(writeSwc(join(folder, 'neurite.swc')));
  await engine.close();
  return { library, image, labels, channels, mesh, skeleton };
}

function writeObj(path: string, { positions, indices }: RawMesh): string {
  const points = Array.from(
    { length: positions.length / 3 },
    (_, i) => `v ${positions.slice(3 * i, 3 * i + 3).join(' ')}`,
  );
  const faces = Array.from(
    { length: indices.length / 3 },
    (_, i) => `f ${Array.from(indices.slice(3 * i, 3 * i + 3), (index) => index + 1).join(' ')}`,
  );
  writeFileSync(path, [...points, ...faces].join('\n'));
  return path;
}

function writeSwc(path: string): string {
  const nodes = Array.from({ length: 60 }, (_, i) => {
    const [x, y, z] = [40 + 9 * i, 320 + 150 * Math.sin(i / 6), 10 + i];
    return `${i + 1} 2 ${x} ${y} ${z} 12 ${i === 0 ? -1 : i}`;
  });
  writeFileSync(path, nodes.join('\n'));
  return path;
}

/** A view of layers, the last of which is selected. */
export const documentOf = (layers: readonly Layer[], positionNm: ViewDocument['positionNm']): ViewDocument => ({
  ...freshDocument,
  positionNm,
  layers,
  selectedLayer: layers.at(-1)?.id ?? null,
});

/** The middle of a volume, off the faces of its voxels. */
export function middleOf({ levels }: Volume): ViewDocument['positionNm'] {
  const [level] = levels;
  const at = (a: 0 | 1 | 2): number =>
    (level?.originNm[a] ?? 0) + (Math.floor((level?.size[a] ?? 0) / 2) + 0.4) * (level?.voxelSizeNm[a] ?? 1);
  return [at(0), at(1), at(2)];
}

export interface ViewScreen {
  readonly name: string;
  readonly volume: string;
  readonly document: ViewDocument;
}

/** View with an image, with channels, labels, shapes and marks. */
export function screensOf({ image, labels, channels, mesh, skeleton }: RichLibrary): readonly ViewScreen[] {
  const screen = (name: string, volume: Volume, layers: readonly Layer[]): ViewScreen => ({
    name,
    volume: volume.id,
    document: documentOf(layers, middleOf(volume)),
  });
  const selected = layersOf(labels).map((layer) =>
    layer.type === 'segmentation' ? { ...layer, selected: ['9007199254740993', '18446744073709551615'] } : layer,
  );
  const shapes = [shapeLayer(skeleton, []), shapeLayer(mesh, [])];
  const six = [...layersOf(channels), ...layersOf(channels, layersOf(channels))];
  return [
    screen('image', image, layersOf(image)),
    screen('channels', channels, six),
    screen('labels', labels, selected),
    screen('shapes', labels, [...selected, ...shapes]),
    screen('skeleton', labels, [...selected, ...shapes.toReversed()]),
    screen('annotations', image, [...layersOf(image), annotationLayer(image, layersOf(image))]),
  ];
}
