// Affine maps of ITK as SimpleITK wrote them (fixtures/make_itk_transforms.py), and files that are none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { itkAffine, itkTransformMat, itkTransformText } from '../../main/engine/formats/itk-transform.ts';
import { type ReadTransform, readTransform, transformFileOf } from '../../main/engine/formats/itk-transform-reader.ts';
import { affineMap } from '../../main/engine/transforms/affine3.ts';

interface File {
  readonly name: string;
  readonly base64: string;
  readonly led?: readonly { readonly from: readonly number[]; readonly to: readonly number[] }[];
}

const files = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'itk-transforms.json'), 'utf8'),
) as readonly File[];
const bytesOf = (name: string): Uint8Array => Buffer.from(files.find((one) => one.name === name)!.base64, 'base64');

function read(name: string, bytes: Uint8Array): ReadTransform | string {
  const kind = transformFileOf(name, bytes);
  if (kind === 'field') return 'a field';
  const found = typeof kind === 'string' ? readTransform(kind, bytes) : kind;
  return 'wrong' in found ? found.wrong : found;
}

const text = (...lines: readonly string[]): Uint8Array =>
  Buffer.from(['#Insight Transform File V1.0', '#Transform 0', ...lines, ''].join('\n'));
const affine = (parameters: string): Uint8Array =>
  text('Transform: AffineTransform_double_3_3', `Parameters: ${parameters}`, 'FixedParameters: 0 0 0');

describe('affine maps of ITK', () => {
  const unread = ['bspline.tfm', 'plane.tfm', 'composite.h5'];
  test.each(files.filter(({ name }) => !unread.includes(name)))('$name leads as SimpleITK does', ({ name, led }) => {
    const found = read(name, bytesOf(name));
    if (typeof found === 'string') throw new Error(found);
    for (const { from, to } of led!) {
      const point = Float64Array.from(from);
      affineMap(found.map).applyNow(point);
      to.forEach((mm, k) => expect(Math.abs(point[k]! - mm)).toBeLessThan(1e-9));
    }
  });

  test('several of a composite are done from the last', () => {
    const found = read('composite.tfm', bytesOf('composite.tfm'));
    expect(found).toMatchObject({ kinds: ['TranslationTransform', 'Euler3DTransform', 'AffineTransform'] });
  });

  test('what Lamella writes it reads again', () => {
    const map = [1, 0.1, 0, 5, 0, 0.9, 0.2, -6, 0.05, 0, 1.1, 7];
    const written = itkAffine(map, [3, 4, 5]);
    for (const found of [
      read('a.txt', Buffer.from(itkTransformText(written))),
      read('a.mat', itkTransformMat(written)),
    ]) {
      if (typeof found === 'string') throw new Error(found);
      found.map.forEach((value, i) => expect(value).toBeCloseTo(map[i]!, 12));
    }
  });

  test('lines may end as those of old, and be long', () => {
    const lines = ['#Insight Transform File V1.0', 'Transform: TranslationTransform_double_3_3', 'Parameters: 1 2 3'];
    expect(read('a.txt', Buffer.from(lines.join('\r')))).toMatchObject({ map: [1, 0, 0, 1, 0, 1, 0, 2, 0, 0, 1, 3] });
    const blank = `Transform:${' '.repeat(2 ** 20 - 100)}x\ry`;
    expect(read('a.txt', Buffer.from([lines[0], blank, ''].join('\n')))).toMatch(/type "x"/);
  });

  test('bytes of MATLAB may run the other way, and be single', () => {
    const column = (name: string, values: readonly number[]): Uint8Array => {
      const bytes = Buffer.alloc(20 + name.length + 1 + 4 * values.length);
      [1010, values.length, 1, 0, name.length + 1].forEach((value, i) => bytes.writeInt32BE(value, 4 * i));
      bytes.write(name, 20, 'latin1');
      values.forEach((value, i) => bytes.writeFloatBE(value, 21 + name.length + 4 * i));
      return bytes;
    };
    const found = read(
      'a.mat',
      Buffer.concat([column('TranslationTransform_float_3_3', [0.5, 2, -4]), column('fixed', [])]),
    );
    expect(found).toMatchObject({ map: [1, 0, 0, 0.5, 0, 1, 0, 2, 0, 0, 1, -4] });
  });
});

describe('files that are no affine map are refused by what they are', () => {
  const mat = bytesOf('affine.mat');
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = Buffer.from(mat);
    bytes.writeInt32LE(value, at);
    return bytes;
  };
  const twelve = '1 0 0 0 1 0 0 0 1 0 0 0';
  test.each<readonly [string, string, Uint8Array, RegExp]>([
    ['a grid of splines', 'a.tfm', bytesOf('bspline.tfm'), /type "BSplineTransform", which is no affine map/],
    ['a map of planes', 'a.tfm', bytesOf('plane.tfm'), /2 dimensions/],
    ['HDF5', 'a.h5', bytesOf('composite.h5'), /composite transform in HDF5/],
    ['elastix', 'TransformParameters.0.txt', Buffer.from('(Transform "EulerTransform")\n'), /parameters of elastix/],
    ['FSL', 'flirt.mat', Buffer.from('1 0 0 2\n0 1 0 3\n0 0 1 4\n0 0 0 1\n'), /matrix without a space/],
    ['MATLAB of today', 'a.mat', Buffer.from('MATLAB 5.0 MAT-file, Platform: GLNXA64'), /version 5/],
    ['no numbers', 'a.txt', affine(twelve.replace('0', 'nan')), /no numbers/],
    ['words', 'a.txt', affine(twelve.replace('0', 'one')), /no numbers/],
    ['too few', 'a.txt', affine('1 0 0'), /3 parameters instead of 12/],
    ['flat', 'a.txt', affine('1 0 0 0 1 0 0 0 0 0 0 0'), /flattens space/],
    ['nothing', 'a.txt', text(), /no transform/],
    ['parameters first', 'a.txt', text(`Parameters: ${twelve}`), /before any Transform/],
    [
      'two without an order',
      'a.txt',
      Buffer.concat([affine(twelve), affine(twelve)]),
      /2 transforms, and nothing says in which order/,
    ],
    [
      'a centre of two',
      'a.txt',
      text('Transform: ScaleTransform_double_3_3', 'Parameters: 1 1 1', 'FixedParameters: 0 0'),
      /centre of 2/,
    ],
    ['a prototype', 'a.txt', text('Transform: constructor_double_3_3'), /type "constructor"/],
    [
      'many',
      'a.txt',
      text(...Array.from({ length: 100 }, () => 'Transform: IdentityTransform_double_3_3')),
      /more than 64/,
    ],
    ['a cut header', 'a.mat', mat.subarray(0, 11), /middle of a header/],
    ['cut numbers', 'a.mat', mat.subarray(0, 90), /middle of its numbers/],
    ['a cut second column', 'a.mat', mat.subarray(0, mat.length - 1), /middle of its numbers/],
    ['a huge table', 'a.mat', changed(4, 2 ** 30), /table of 1073741824 x 1 numbers/],
    ['a negative table', 'a.mat', changed(4, -12), /table of -12 x 1/],
    ['another type', 'a.mat', changed(0, 51), /no file of a transform/],
    ['imaginary numbers', 'a.mat', changed(12, 1), /no file of a transform/],
    ['a huge name', 'a.mat', changed(16, 2 ** 30), /no file of a transform/],
  ])('%s', (_what, name, bytes, why) => {
    expect(read(name, bytes)).toMatch(why);
  });

  test('a mutated file is read, or refused in words, and never throws', () => {
    const originals = files.map(({ name, base64 }) => ({ name, bytes: Buffer.from(base64, 'base64') }));
    for (const { name, bytes } of originals)
      for (let i = 0; i < Math.min(400, bytes.length); i++) {
        const mutant = Buffer.from(bytes);
        mutant[i] = (mutant[i]! * 31 + 7 * i + 1) & 255;
        const found = read(name, mutant);
        if (typeof found !== 'string') expect(found.map.every(Number.isFinite)).toBe(true);
      }
  });
});
