// Registrations that SimpleITK wrote, taken over: where they lead, what is kept, and files that are none.
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Registration } from '../../preload/contract/register.ts';
import { beside, type ItkScene, itkScene } from './itk-registrations.ts';
import { added } from './made-up-brain.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';
import { writeNrrd } from './write-nrrd.ts';

type Input = Parameters<TempEngine['client']['register']['import']>[0];

const start = (
  { client, library, result }: TempEngine,
  { fixed, moving, transforms }: ItkScene,
  more: Partial<Input> = {},
) =>
  result<{ registration: string }>(
    client.register.import({ library, fixed, moving, transforms: [...transforms], ...more }),
  );

async function imported(engine: TempEngine, scene: ItkScene, more: Partial<Input> = {}): Promise<Registration> {
  const { registration } = await start(engine, scene, more);
  return (await engine.client.register.get({ library: engine.library, registration })).value.registration;
}

test('a field on the voxels of the fixed volume and an affine map lead as in SimpleITK, also when their files are gone', async () => {
  const engine = tempEngine();
  const scene = await itkScene(engine, 'ants');
  const registration = await imported(engine, scene);
  expect(registration).toMatchObject({ kind: 'deformable', verdict: 'pass', reasons: [] });
  // Nothing was turned: the field lies in the space of the fixed volume.
  expect(registration.movingFromFixed.map(({ type }) => type)).toEqual(['field', 'affine']);
  expect(registration.numbers.imported).toMatchObject({ covered: 1, back: null });
  expect(registration.numbers.imported!.transforms.map(({ name, kinds }) => [name, ...kinds])).toEqual([
    ['1Warp.nii.gz', 'displacement field'],
    ['0GenericAffine.mat', 'AffineTransform'],
  ]);
  expect(registration.numbers.evaluation!.similarityAfter).toBeGreaterThan(
    registration.numbers.evaluation!.similarityBefore,
  );
  scene.transforms.forEach((path) => rmSync(path));
  const { there, back } = await beside(engine, registration.id, scene);
  expect(there).toBeLessThan(1e-3);
  expect(back).toBeLessThan(1e-2);
});

test('a field on axes of its own and a composite lead as in SimpleITK', async () => {
  const engine = tempEngine();
  const scene = await itkScene(engine, 'turned');
  const registration = await imported(engine, scene);
  expect(registration.movingFromFixed.map(({ type }) => type)).toEqual(['affine', 'field', 'affine']);
  expect(registration.numbers.imported!.transforms[1]!.kinds).toEqual(['Euler3DTransform', 'AffineTransform']);
  const { there, back } = await beside(engine, registration.id, scene);
  expect(there).toBeLessThan(1e-3);
  expect(back).toBeLessThan(1e-2);
});

test('an affine map alone leads within a millionth of a millimetre, both ways', async () => {
  const engine = tempEngine();
  const { client, library } = engine;
  const scene = await itkScene(engine, 'ants');
  const registration = await imported(engine, { ...scene, transforms: [scene.transforms[1]!] });
  expect(registration).toMatchObject({ kind: 'affine', numbers: { imported: { covered: null, back: null } } });
  const out = join(engine.folder, 'again.mat');
  await engine.result(client.register.export({ library, registration: registration.id, format: 'ants-mat', out }));
  const again = await imported(engine, { ...scene, transforms: [out] });
  const shift = (matrix: readonly number[]): number[] => matrix.map((value, i) => (i % 4 === 3 ? value / 1e6 : value));
  for (const way of ['movingFromFixed', 'fixedFromMoving'] as const) {
    const [one, other] = [registration[way][0]!, again[way][0]!];
    if (one.type !== 'affine' || other.type !== 'affine') throw new Error('not affine');
    shift(one.matrix).forEach((value, i) => expect(shift(other.matrix)[i]).toBeCloseTo(value, 9));
  }
});

test('the same files the other way around are the way back', async () => {
  const engine = tempEngine();
  const scene = await itkScene(engine, 'turned');
  const files = scene.transforms.toReversed();
  const both = await imported(engine, scene, { back: files, invertBack: [true, true] });
  expect(both.numbers.imported!.back).toHaveLength(2);
  const exchanged = { ...scene, fixed: scene.moving, moving: scene.fixed, transforms: files };
  const turned = await imported(engine, exchanged, { invert: [true, true] });
  const swapped = { ...exchanged, led: scene.led.map(({ from, to }) => ({ from: to, to: from })) };
  for (const { there, back } of [await beside(engine, both.id, scene), await beside(engine, turned.id, swapped)]) {
    expect(there).toBeLessThan(1e-2);
    expect(back).toBeLessThan(1e-2);
  }
});

test('an import is undone, and its copies are swept', async () => {
  const engine = tempEngine();
  const { client, library } = engine;
  const scene = await itkScene(engine, 'ants');
  const { id } = await imported(engine, scene);
  const copy = join(library, 'fields', id, 'there-a.nrrd');
  expect(existsSync(copy)).toBe(true);
  await client.library.undo({ library });
  expect((await client.register.list({ library })).value.registrations).toEqual([]);
  await client.library.redo({ library });
  expect((await client.register.list({ library })).value.registrations.map((one) => one.id)).toEqual([id]);
  await client.register.remove({ library, registration: id });
  await client.library.sweep({ library, alsoRemoved: true });
  expect(existsSync(copy)).toBe(false);
});

test('transforms that lead elsewhere do not pass', async () => {
  const engine = tempEngine();
  const scene = await itkScene(engine, 'ants');
  const shiftedBy = (name: string, mm: string): ItkScene => {
    const path = join(engine.folder, name);
    const lines = ['#Insight Transform File V1.0', 'Transform: TranslationTransform_double_3_3', `Parameters: ${mm}`];
    writeFileSync(path, `${lines.join('\n')}\n`);
    return { ...scene, transforms: [...scene.transforms, path] };
  };
  const far = shiftedBy('far.txt', '0 5 0');
  await expect(start(engine, far)).rejects.toMatchObject({
    tag: 'not-good-enough',
    hint: expect.stringContaining('--invert'),
  });
  const { registrations } = (await engine.client.register.list({ library: engine.library })).value;
  expect(registrations.map(({ verdict }) => verdict)).toEqual(['fail']);
  const { verdict, reasons } = await imported(engine, shiftedBy('beside.txt', '0.9 0.8 0'));
  expect([verdict, reasons.join()]).toEqual(['warn', expect.stringMatching(/only 10 % of the fixed volume is led/)]);
});

test('files that are no transforms of these volumes are refused by name', async () => {
  const engine = tempEngine();
  const scene = await itkScene(engine, 'ants');
  const { folder } = engine;
  const [warp, affine] = scene.transforms as [string, string];
  const place = [
    'space: left-posterior-superior',
    'space directions: (0.3,0,0) (0,0.3,0) (0,0,0.3) none',
    'kinds: domain domain domain vector',
  ];
  const field = (name: string, values: Float32Array, origin = '(3,-8,1.6)'): string =>
    writeNrrd(join(folder, name), [6, 6, 6, 3], values, [...place, `space origin: ${origin}`]);
  const still = (): Float32Array => new Float32Array(648);
  const holed = still();
  holed[648 / 3 + 6 * 6 * 2 + 6 * 3 + 4] = NaN;
  const cut = join(folder, 'cut.nii.gz');
  writeFileSync(cut, readFileSync(warp).subarray(0, 900));
  const short = field('short.nrrd', still());
  truncateSync(short, 1200);
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['bad-source', cut, /cut.nii/],
    ['bad-source', short, /short.nrrd/],
    ['bad-source', field('holed.nrrd', holed), /"holed.nrrd" has a vector that is no number, at voxel 4, 3, 2/],
    ['bad-source', field('far.nrrd', still(), '(300,0,0)'), /"far.nrrd" lies over 0 % of/],
    ['bad-source', join(scene.folder, 'ants-fixed.nii.gz'), /no field of vectors/],
    ['bad-source', scene.folder, /it is a folder/],
    ['not-found', join(folder, 'gone.mat'), /no file .*gone.mat/],
  ];
  for (const [tag, path, message] of wrong)
    await expect(start(engine, { ...scene, transforms: [path] })).rejects.toMatchObject({
      tag,
      message: expect.stringMatching(message),
    });
  await expect(start(engine, scene, { invert: [true] })).rejects.toThrow(/1 say whether .* of 2 transforms/);
  await expect(start(engine, { ...scene, moving: scene.fixed })).rejects.toThrow(/not registered to itself/);
  const vast = join(folder, 'vast.tfm');
  writeFileSync(vast, Buffer.concat([Buffer.from('#Insight Transform File V1.0\n'), Buffer.alloc(2 ** 20, 32)]));
  await expect(start(engine, { ...scene, transforms: [vast] })).rejects.toThrow(/bytes, and affine transforms have/);
  const unsized = writeNrrd(join(folder, 'unsized.nrrd'), [8, 8, 8], new Uint8Array(512), []);
  const moving = await added(engine, unsized);
  await expect(start(engine, { ...scene, moving, transforms: [affine] })).rejects.toThrow(/Nobody said how large/);
  // Nothing is copied of a field that lies elsewhere, nothing kept of one that ends or breaks off.
  const kept = readdirSync(join(engine.library, 'fields'), { recursive: true, withFileTypes: true });
  expect(kept.filter((one) => one.isFile())).toEqual([]);
  expect((await engine.client.register.list({ library: engine.library })).value.registrations).toEqual([]);
});

test('a field over a part of the fixed volume is said to be one', async () => {
  const engine = tempEngine();
  const scene = await itkScene(engine, 'ants');
  const origin = '(3.6,-7.4,2.2)';
  const place = [
    'space: left-posterior-superior',
    `space origin: ${origin}`,
    'space directions: (0.1,0,0) (0,0.1,0) (0,0,0.1) none',
    'kinds: domain domain domain vector',
  ];
  const part = writeNrrd(join(engine.folder, 'part.nrrd'), [8, 8, 8, 3], new Float32Array(1536), place);
  const { verdict, reasons } = await imported(engine, { ...scene, transforms: [part, scene.transforms[1]!] });
  expect(verdict).toBe('warn');
  expect(reasons.join()).toMatch(/its field lies over \d+ % of the fixed volume: beyond, nothing is displaced/);
});

test('a field whose sections are large is copied vector by vector', async () => {
  const engine = tempEngine();
  const scene = await itkScene(engine, 'ants');
  const size = [1250, 1000, 2] as const;
  const vectors = Float32Array.from({ length: 3 * 1250 * 1000 * 2 }, (_, i) => (i % 1009) / 2 ** 20);
  const place = [
    'space: left-posterior-superior',
    'space origin: (3,-8,1.7)',
    'space directions: (0.0016,0,0) (0,0.002,0) (0,0,1) none',
    'kinds: domain domain domain vector',
  ];
  const large = writeNrrd(join(engine.folder, 'large.nrrd'), [...size, 3], vectors, place);
  const { id } = await imported(engine, { ...scene, transforms: [large, scene.transforms[1]!] });
  const copy = readFileSync(join(engine.library, 'fields', id, 'there-a.nrrd'));
  const copied = new Float32Array(Uint8Array.from(copy.subarray(-vectors.byteLength)).buffer);
  expect(copied.findIndex((um, i) => Math.abs(um - 1000 * vectors[i]!) > 1e-6)).toBe(-1);
});
