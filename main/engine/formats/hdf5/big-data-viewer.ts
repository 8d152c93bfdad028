import { SaxesParser } from 'saxes';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes } from '../pyramid.ts';
import { isLength, nmOfUnit } from '../tiff/length-units.ts';
import type { VolumeLevelPlan } from '../volume-format.ts';
import {
  type Hdf5Contents,
  type Hdf5Layout,
  badHdf5,
  chunksXyz,
  levelWithChunks,
  readable,
  storageOf,
  zyxBox,
} from './layout.ts';
import { saysNoSize } from '../unsized.ts';

/**
 * BigDataViewer's HDF5: /t00000/s00/LEVEL/cells, with /s00/resolutions (x, y, z factors of each level) for each setup,
 * and SpimData XML beside it that says how large voxels are.
 */
export const bdvSetups = ({ datasets }: Hdf5Contents): readonly string[] =>
  [...datasets.keys()].flatMap((path) => /^\/(s\d{2,})\/resolutions$/.exec(path)?.[1] ?? []).toSorted();

const cellsPath = (time: string, setup: string, level: number): string => `/${time}/${setup}/${level}/cells`;

export interface BdvSetup {
  readonly name: string;
  readonly voxelNm: Vec3 | undefined;
}

const mostLevels = 32;

export function bdvLayout(contents: Hdf5Contents, setup: string, said: BdvSetup | undefined): Hdf5Layout {
  const times = [...contents.groups.keys()].flatMap((path) => /^\/(t\d{5,})$/.exec(path)?.[1] ?? []).toSorted();
  const there = times.filter((time) => contents.datasets.has(cellsPath(time, setup, 0)));
  const [firstTime] = there;
  if (firstTime === undefined) throw badHdf5(contents.name, `setup ${setup} has no voxels`);
  const warnings: string[] = [];
  const voxelNm = said?.voxelNm ?? [1, 1, 1];
  if (!said?.voxelNm) warnings.push('There is no XML of BigDataViewer beside the file.', saysNoSize);
  const first = readable(contents, cellsPath(firstTime, setup, 0));
  // Stored as int16 by Java, which has no unsigned type, and always meant as uint16.
  const dtype = first.dtype === 'int16' ? 'uint16' : first.dtype;
  const factors = contents.datasets.get(`/${setup}/resolutions`)?.values ?? [];
  const levels: VolumeLevelPlan[] = [];
  for (let index = 0; index < mostLevels && contents.datasets.has(cellsPath(firstTime, setup, index)); index++) {
    const dataset = readable(contents, cellsPath(firstTime, setup, index));
    const factor = mapAxes((i) => factors[index * 3 + i] ?? Number.NaN);
    if (!factor.every((f) => f >= 1 && Number.isFinite(f)))
      throw badHdf5(contents.name, `/${setup}/resolutions says nothing of level ${index}`);
    levels.push(
      levelOf({ index, factor, before: mapAxes((i) => factors[(index - 1) * 3 + i] ?? factor[i]), voxelNm }, dataset),
    );
  }
  return {
    plan: {
      ...{
        name: said?.name ?? '',
        kind: 'image',
        dtype,
        levels,
        times: times.length,
        secondsPerTime: null,
        transforms: [],
      },
      channels: [{ name: '', color: null, window: null }],
    },
    storedDtype: first.dtype,
    warnings,
    storage: storageOf(first),
    box: ({ level, time, min, size }) => {
      const path = cellsPath(times[time] ?? '', setup, level);
      return contents.datasets.has(path) ? zyxBox(path, { min, size }) : undefined;
    },
  };
}

interface LevelFacts {
  readonly index: number;
  /** Voxels of level 0 along x, y, z. */
  readonly factor: Vec3;
  readonly before: Vec3;
  readonly voxelNm: Vec3;
}

function levelOf(
  { index, factor, before, voxelNm }: LevelFacts,
  dataset: ReturnType<typeof readable>,
): VolumeLevelPlan {
  const [z = 1, y = 1, x = 1] = dataset.shape;
  return levelWithChunks(
    {
      ...{ key: String(index), sizeXyz: [x, y, z], originNm: [0, 0, 0] },
      stepXyz: index === 0 ? [1, 1, 1] : mapAxes((i) => factor[i] / before[i]),
      voxelSizeNm: mapAxes((i) => voxelNm[i] * factor[i]),
    },
    chunksXyz(dataset),
    dataset.dtype,
  );
}

const maxXmlBytes = 16 * 2 ** 20;

/** Name and voxel size of each setup, by its number. An XML that is damaged says nothing. */
export function bdvSetupsOfXml(xml: string): ReadonlyMap<number, BdvSetup> {
  const setups = new Map<number, BdvSetup>();
  const path: string[] = [];
  let texts = new Map<string, string>();
  let text = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('declares types or entities');
  });
  parser.on('opentag', ({ name }) => {
    if (path.push(name) > 64) throw new Error('nests too deep');
    if (name === 'ViewSetup') texts = new Map();
    text = '';
  });
  parser.on('text', (part) => void (text += part.slice(0, 1000)));
  parser.on('closetag', () => {
    const name = path.pop() ?? '';
    texts.set(`${path.at(-1)}/${name}`, text.trim());
    if (name === 'ViewSetup') setups.set(Number(texts.get('ViewSetup/id')), setupOf(texts));
    text = '';
  });
  try {
    parser.write(xml.slice(0, maxXmlBytes)).close();
  } catch {
    return new Map();
  }
  return setups;
}

function setupOf(texts: ReadonlyMap<string, string>): BdvSetup {
  const unit = nmOfUnit(texts.get('voxelSize/unit') ?? '') ?? Number.NaN;
  const sides = (texts.get('voxelSize/size') ?? '').split(/\s+/).map((side) => Number(side) * unit);
  const [x = Number.NaN, y = Number.NaN, z = Number.NaN] = sides;
  return { name: texts.get('ViewSetup/name') ?? '', voxelNm: [x, y, z].every(isLength) ? [x, y, z] : undefined };
}
