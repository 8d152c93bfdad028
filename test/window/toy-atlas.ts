// A small brain of two halves with the tree of its regions, and the image that it is drawn on.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const toySize = [72, 56, 48] as const;
export const toyVoxelUm = 100;

interface Row {
  readonly id: number;
  readonly acronym: string;
  readonly name: string;
  readonly parent: string;
  readonly colour: string;
}

/** `none` has no voxel. Ids as the Allen Institute has them, the table in an order of its own. */
export const toyRegions: readonly Row[] = [
  { id: 997, acronym: 'root', name: 'root', parent: '', colour: '#ffffff' },
  { id: 8, acronym: 'grey', name: 'Basic cell groups and regions', parent: 'root', colour: '#bfdae3' },
  { id: 688, acronym: 'CTX', name: 'Cerebral cortex', parent: 'grey', colour: '#b0ffb8' },
  { id: 500, acronym: 'MO', name: 'Somatomotor areas', parent: 'CTX', colour: '#1f9d5a' },
  { id: 669, acronym: 'VIS', name: 'Visual areas', parent: 'CTX', colour: '#08858c' },
  { id: 385, acronym: 'VISp', name: 'Primary visual area', parent: 'VIS', colour: '#08a5ac' },
  { id: 394, acronym: 'VISam', name: 'Anteromedial visual area', parent: 'VIS', colour: '#086580' },
  { id: 672, acronym: 'CP', name: 'Caudoputamen', parent: 'grey', colour: '#98d6f9' },
  { id: 1, acronym: 'TMv', name: 'Tuberomammillary nucleus, ventral part', parent: 'grey', colour: '#ff4c3e' },
  { id: 1009, acronym: 'fiber tracts', name: 'fiber tracts', parent: 'root', colour: '#cccccc' },
];

const [nx, ny, nz] = toySize;

/** The label at a voxel: x goes left to right, y from above down, z from the front to the back. */
export function toyLabel(x: number, y: number, z: number): number {
  const half = nx / 2;
  const [u, v, w] = [
    (x + 0.5 - half) / (half - 3),
    (y + 0.5 - ny / 2) / (ny / 2 - 3),
    (z + 0.5 - nz / 2) / (nz / 2 - 3),
  ];
  const r = Math.hypot(u, v, w);
  if (r > 1) return 0;
  if (r > 0.72) return w < -0.1 ? 500 : Math.abs(u) > 0.35 ? 385 : 394;
  if (r > 0.6) return 1009;
  return Math.abs(u) > 0.12 ? 672 : 1009;
}

export const toyAcronymAt = (x: number, y: number, z: number): string | null =>
  toyRegions.find(({ id }) => id === toyLabel(x, y, z))?.acronym ?? null;

/** Voxels of a label. */
export const toyCount = (label: number): number => eachVoxel(toyLabel).filter((one) => one === label).length;

function nrrd(file: string, type: string, voxels: Uint16Array | Uint8Array): string {
  const um = String(toyVoxelUm);
  const header =
    `NRRD0004\ntype: ${type}\ndimension: 3\nsizes: ${toySize.join(' ')}\nspacings: ${um} ${um} ${um}\n` +
    'units: "um" "um" "um"\nendian: little\nencoding: raw\n\n';
  writeFileSync(file, Buffer.concat([Buffer.from(header), new Uint8Array(voxels.buffer)]));
  return file;
}

const eachVoxel = (value: (x: number, y: number, z: number) => number): number[] =>
  Array.from({ length: nx * ny * nz }, (_, i) => value(i % nx, Math.floor(i / nx) % ny, Math.floor(i / nx / ny)));

const greys: Readonly<Record<number, number>> = { 0: 6, 1: 90, 385: 150, 394: 165, 500: 140, 672: 110, 1009: 205 };

export interface ToyAtlas {
  readonly annotation: string;
  readonly template: string;
  readonly table: string;
}

/** Begins left, above, in front: `lsa`. */
export function writeToyAtlas(folder: string): ToyAtlas {
  mkdirSync(folder, { recursive: true });
  const table = join(folder, 'regions.csv');
  const lines = toyRegions.map(
    ({ id, acronym, name, parent, colour }) => `${id},${acronym},"${name}",${parent},${colour}`,
  );
  writeFileSync(table, ['id,acronym,name,parent,colour', ...lines, ''].join('\n'));
  const speckle = (x: number, y: number, z: number): number => ((x * 7 + y * 13 + z * 29) % 11) - 5;
  const grey = (x: number, y: number, z: number): number => (greys[toyLabel(x, y, z)] ?? 0) + speckle(x, y, z);
  return {
    annotation: nrrd(join(folder, 'annotation.nrrd'), 'uint16', Uint16Array.from(eachVoxel(toyLabel))),
    template: nrrd(join(folder, 'template.nrrd'), 'uint8', Uint8Array.from(eachVoxel(grey))),
    table,
  };
}

/** A folder as BrainGlobe has them; its images are only there by name. */
export function writeToyFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const about = { name: 'toy_mouse', citation: 'Nobody 2026', resolution: [100, 100, 100], orientation: 'asr' };
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify(about));
  const structures = toyRegions.map(({ id, acronym, name }) => ({
    ...{ id, acronym, name, rgb_triplet: [10, 20, 30] },
    structure_id_path: id === 997 ? [997] : [997, id],
  }));
  writeFileSync(join(folder, 'structures.json'), JSON.stringify(structures));
  for (const image of ['annotation.tiff', 'reference.tiff']) writeFileSync(join(folder, image), '');
  return folder;
}
