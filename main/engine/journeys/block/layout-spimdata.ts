import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Warning } from '../../../../preload/contract/reference.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import {
  type Affine12,
  parseSpimData,
  type SpimData,
  type SpimRegistration,
  type SpimSetup,
  worldFromView,
} from '../../formats/spimdata.ts';
import { spimSourceOf } from '../../formats/spimdata-sources.ts';
import { nmOfUnit } from '../../formats/tiff/length-units.ts';
import { type BlockLayout, type LayoutBlock, type LayoutPlace, locate } from './block-layout.ts';

/** Transforms that a stitching made, by the names that BigStitcher gives them. */
const isStitching = (name: string): boolean => /stitching|icp|global opt/i.test(name);

/** Views of one tile, angle and illumination are the channels of a block. Only the first time point is read. */
export function spimLayout(place: LayoutPlace): Omit<BlockLayout, 'channels'> {
  const fileName = basename(place.file);
  const data = parseSpimData(place.text, fileName);
  const timepoint = data.timepoints[0] ?? 0;
  const groups = new Map<string, SpimSetup[]>();
  for (const setup of data.setups) {
    const { tile = setup.id, angle = 0, illumination = 0 } = setup.attributes;
    const key = `${tile}/${angle}/${illumination}`;
    groups.set(key, [...(groups.get(key) ?? []), setup]);
  }
  const linear = linearOf(data, timepoint, fileName);
  return {
    blocks: [...groups].map(([key, setups]) => blockOf(place, data, { key, setups, timepoint, linear })),
    unit: 'voxels',
    voxelSizeNm: voxelOf(data.setups),
    links: [],
    project: place.text,
    warnings: warningsOf(data, fileName),
  };
}

interface Group {
  readonly key: string;
  readonly setups: readonly SpimSetup[];
  readonly timepoint: number;
  /** Of the world, a voxel along x, y, z. */
  readonly linear: Vec3;
}

function blockOf(place: LayoutPlace, data: SpimData, { key, setups, timepoint, linear }: Group): LayoutBlock {
  const [first] = setups;
  const registration = registrationOf(data, first?.id ?? 0, timepoint);
  const before = { ...registration, transforms: registration.transforms.filter(({ name }) => !isStitching(name)) };
  const isPlaced = before.transforms.length < registration.transforms.length;
  const channelNames = namesOf(data);
  const sources = setups.flatMap((setup) => {
    const found = spimSourceOf(data, setup, timepoint);
    const id = setup.attributes['channel'] ?? 0;
    return found
      ? [[channelNames.get(id) ?? String(id), { ...found, path: locate(place, [found.path]) }] as const]
      : [];
  });
  return {
    name: `${first?.name || 'tile'} (${key})`,
    row: null,
    column: null,
    stage: placeOf(worldFromView(before), linear),
    sources: new Map(sources),
    placed: isPlaced ? placeOf(worldFromView(registration), linear) : null,
    reasons: [],
  };
}

const placeOf = (model: Affine12, [x, y, z]: Vec3): Vec3 => [
  (model[3] ?? 0) / x,
  (model[7] ?? 0) / y,
  (model[11] ?? 0) / z,
];

const registrationOf = (data: SpimData, setup: number, timepoint: number): SpimRegistration =>
  data.registrations.find((one) => one.setup === setup && one.timepoint === timepoint) ?? {
    timepoint,
    setup,
    transforms: [],
  };

/** All views must be moved alone: the same scale along each axis for all of them. */
function linearOf(data: SpimData, timepoint: number, fileName: string): Vec3 {
  let common: Vec3 | null = null;
  for (const { id, name } of data.setups) {
    const m = worldFromView(registrationOf(data, id, timepoint));
    const at = (i: number): number => m[i] ?? 0;
    const scale: Vec3 = [at(0), at(5), at(10)];
    const off = Math.max(...[1, 2, 4, 6, 8, 9].map((i) => Math.abs(at(i))));
    common ??= scale;
    const base = common;
    const isSame = scale.every((s, k) => s > 0 && Math.abs(s - (base[k] ?? 0)) <= 1e-3 * s) && off <= 1e-3 * scale[0];
    if (!isSame) throw turned(fileName, name, id);
  }
  return common ?? [1, 1, 1];
}

function namesOf({ root }: SpimData): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const sequence = root.children.find(({ name }) => name === 'SequenceDescription');
  const setups = sequence?.children.find(({ name }) => name === 'ViewSetups');
  const channels = setups?.children.find(
    ({ name, attributes }) => name === 'Attributes' && attributes['name'] === 'channel',
  );
  for (const channel of channels?.children ?? []) {
    const text = (key: string): string => channel.children.find(({ name }) => name === key)?.text ?? '';
    names.set(Number(text('id')), text('name') || text('id'));
  }
  return names;
}

function voxelOf(setups: readonly SpimSetup[]): Vec3 | null {
  const voxel = setups.find((setup) => setup.voxel)?.voxel;
  const unit = voxel && nmOfUnit(voxel.unit);
  return voxel && unit ? [voxel.size[0] * unit, voxel.size[1] * unit, voxel.size[2] * unit] : null;
}

function warningsOf({ timepoints, loader }: SpimData, fileName: string): readonly Warning[] {
  const several = `${fileName} has ${timepoints.length} time points; the first is read.`;
  const unknown = `${fileName} has its pictures in "${loader.format}", which Lamella does not read.`;
  const known = /^(bdv\.(hdf5|n5|multimg\.zarr)|spimreconstruction\.filemap)/.test(loader.format);
  return [...(timepoints.length > 1 ? [several] : []), ...(known ? [] : [unknown])].map((message) => ({
    subject: fileName,
    message,
  }));
}

const turned = (fileName: string, name: string, id: number): LamellaError =>
  new LamellaError(
    'bad-layout',
    `${fileName} turns or stretches view ${id} (${name.slice(0, 60)}); blocks of a set are moved alone.`,
    {
      hint: 'Fuse such views in BigStitcher, or take the transform out of the file.',
      fields: { file: fileName, view: id },
    },
  );
