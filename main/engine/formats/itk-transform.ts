import type { Affine3 } from '../transforms/affine3.ts';

/** ITK's itk::AffineTransform<double, 3>: y = M (x - c) + c + t, of millimetres; x to the left, y to the back, z up. */
export interface ItkAffine {
  /** M row by row, then t. */
  readonly parameters: readonly number[];
  /** c: what the map turns about. */
  readonly centre: readonly number[];
}

const transformType = 'AffineTransform_double_3_3';

/** A map (rows of 4, millimetres) about a centre: the same map whatever the centre. */
export function itkAffine(map: Affine3, centre: readonly number[]): ItkAffine {
  const rows = [0, 1, 2].map((row) => map.slice(4 * row, 4 * row + 4));
  const linear = rows.flatMap((row) => row.slice(0, 3));
  const shift = rows.map((row, i) => {
    const turned = centre.reduce((sum, value, k) => sum + (row[k] ?? 0) * value, 0);
    return (row[3] ?? 0) + turned - (centre[i] ?? 0);
  });
  return { parameters: [...linear, ...shift], centre };
}

/** The text of itk::TxtTransformIO ("Insight Transform File V1.0"). */
export function itkTransformText({ parameters, centre }: ItkAffine): string {
  return [
    '#Insight Transform File V1.0',
    '#Transform 0',
    `Transform: ${transformType}`,
    `Parameters: ${parameters.join(' ')}`,
    `FixedParameters: ${centre.join(' ')}`,
    '',
  ].join('\n');
}

/** The bytes of itk::MatlabTransformIO, as ANTs writes its affine maps: two columns of a MATLAB file of level 4. */
export function itkTransformMat({ parameters, centre }: ItkAffine): Uint8Array {
  return Buffer.concat([matColumn(transformType, parameters), matColumn('fixed', centre)]);
}

/** Header of five int32 (type 0: little-endian double), the name with its 0, the column. */
function matColumn(name: string, values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(20 + name.length + 1 + 8 * values.length);
  [0, values.length, 1, 0, name.length + 1].forEach((value, i) => bytes.writeInt32LE(value, 4 * i));
  bytes.write(name, 20, 'latin1');
  values.forEach((value, i) => bytes.writeDoubleLE(value, 20 + name.length + 1 + 8 * i));
  return bytes;
}
