// Volumes that lie in each other by files of SimpleITK (formats/fixtures/make_itk_registrations.py).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Vec3 } from '../../preload/contract/space.ts';
import { added, frameOf, indexOf, nmOf } from './made-up-brain.ts';
import type { TempEngine } from './temp-engine.ts';

interface File {
  readonly name: string;
  readonly base64: string;
}

interface Case {
  readonly name: string;
  readonly fixed: File;
  readonly moving: File;
  readonly transforms: readonly File[];
  readonly led: readonly { readonly from: readonly number[]; readonly to: readonly number[] }[];
}

const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'formats', 'fixtures', 'itk-registrations.json'), 'utf8'),
) as readonly Case[];

interface ItkFiles {
  readonly folder: string;
  readonly fixed: string;
  readonly moving: string;
  /** Files in the order in which they are done. */
  readonly transforms: readonly string[];
  readonly led: Case['led'];
}

/** Writes the files of a case into a folder of their own in another. */
export function itkFiles(inside: string, name: 'ants' | 'turned'): ItkFiles {
  const one = cases.find((candidate) => candidate.name === name)!;
  const folder = join(inside, `itk-${name}`);
  mkdirSync(folder);
  const write = ({ name: file, base64 }: File): string => {
    writeFileSync(join(folder, file), Buffer.from(base64, 'base64'));
    return join(folder, file);
  };
  const { fixed, moving, transforms, led } = one;
  return { folder, fixed: write(fixed), moving: write(moving), transforms: transforms.map(write), led };
}

/** The same; the two volumes are those of the engine's library. */
export type ItkScene = ItkFiles;

export async function itkScene(engine: TempEngine, name: 'ants' | 'turned'): Promise<ItkScene> {
  const files = itkFiles(engine.folder, name);
  return { ...files, fixed: await added(engine, files.fixed), moving: await added(engine, files.moving) };
}

/** How far a registration leads beside SimpleITK, voxels of the volume that it leads to: the most of there, and of back. */
export async function beside(
  engine: TempEngine,
  registration: string,
  scene: ItkScene,
): Promise<{ there: number; back: number }> {
  const [fixed, moving] = [await frameOf(engine, scene.fixed), await frameOf(engine, scene.moving)];
  const led = async (points: Vec3[], onto: 'fixed' | 'moving') =>
    (await engine.client.register.points({ library: engine.library, registration, points, onto })).value.points;
  const froms = scene.led.map(({ from }) => from);
  const tos = scene.led.map(({ to }) => to);
  const there = await led(
    froms.map((index) => nmOf(fixed, index)),
    'moving',
  );
  const back = await led(
    tos.map((index) => nmOf(moving, index)),
    'fixed',
  );
  const most = (points: typeof there, frame: typeof fixed, wanted: readonly (readonly number[])[]): number =>
    Math.max(
      ...points.flatMap((point, i) => indexOf(frame, point ?? [NaN]).map((n, k) => Math.abs(n - wanted[i]![k]!))),
    );
  return { there: most(there, moving, tos), back: most(back, fixed, froms) };
}
