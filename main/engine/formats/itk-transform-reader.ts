import { type Affine3, composeAffine3, identity3 } from '../transforms/affine3.ts';
import { asField, itkMap, type ItkTransform, nameOfKind, type Wrong } from './itk-transform-kinds.ts';

/** An affine map of ITK as a file says it. */
export interface ReadTransform {
  /** Rows of 4, millimetres: from points of what stays to points of what is resampled; x to the left, y to the back. */
  readonly map: Affine3;
  /** `AffineTransform`; of several, the one that is done first first. */
  readonly kinds: readonly string[];
}

/** Larger files hold more than affine maps. */
export const mostTransformBytes = 2 ** 20;
const mostTransforms = 64;
const mostNumbers = 256;

export type TransformFile = 'text' | 'mat' | 'field';

/** Which kind of file begins so, by its bytes and, where they say nothing, its name; or what it is that can't be read. */
export function transformFileOf(name: string, head: Uint8Array): TransformFile | Wrong {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 4096)).toString('latin1');
  if (text.startsWith('\u0089HDF'))
    return {
      wrong: 'it is a composite transform in HDF5',
      hint: 'Take it apart with CompositeTransformUtil --disassemble of ANTs, and import its parts in the order of their numbers backwards: 01, then 00.',
    };
  if (text.startsWith('MATLAB 5.0'))
    return {
      wrong: 'it is a MATLAB file of version 5, and ITK writes version 4',
      hint: 'Save it as text (.txt, .tfm).',
    };
  if (text.startsWith('#Insight Transform File')) return 'text';
  if (/^\s*(?:\/\/[^\n]*\n\s*)*\(\w+ /.test(text))
    return {
      wrong: 'it holds parameters of elastix',
      hint: 'Write what it says as a field with transformix -def all, and import deformationField.nii.',
    };
  if (/^\s*[-+\d.e]+(\s+[-+\d.e]+){11,}\s*$/i.test(text))
    return {
      wrong: 'it is a matrix without a space, as FSL and others write it',
      hint: 'Turn it into a transform of ITK with c3d_affine_tool -fsl2ras -oitk, which takes both images.',
    };
  return /\.mat$/i.test(name) ? 'mat' : 'field';
}

/** What a file of text (itk::TxtTransformIO) or of MATLAB (itk::MatlabTransformIO) says; or why it says nothing. */
export function readTransform(kind: Exclude<TransformFile, 'field'>, bytes: Uint8Array): ReadTransform | Wrong {
  const found = kind === 'text' ? textTransforms(Buffer.from(bytes).toString('latin1')) : matTransforms(bytes);
  return 'wrong' in found ? found : asOne(found);
}

const again = 'Write the file again, or copy it again from where it came.';
const damaged = (wrong: string): Wrong => ({ wrong, hint: again });
const tooMany = damaged(`it holds more than ${mostTransforms} transforms`);

/** A composite does the last that it lists first. Several that are no composite have no order. */
function asOne(all: readonly ItkTransform[]): ReadTransform | Wrong {
  const isComposite = all[0] !== undefined && nameOfKind(all[0].type) === 'CompositeTransform';
  const parts = isComposite ? all.slice(1).toReversed() : all;
  if (parts.length === 0) return damaged('it holds no transform');
  if (parts.length > 1 && !isComposite)
    return {
      wrong: `it holds ${parts.length} transforms, and nothing says in which order they are done`,
      hint: 'Write a file for each, and give them in their order; or write them as a CompositeTransform.',
    };
  let map: Affine3 = identity3;
  for (const part of parts) {
    const one = itkMap(part);
    if ('wrong' in one) return one;
    map = composeAffine3(one, map);
  }
  return { map, kinds: parts.map(({ type }) => nameOfKind(type)) };
}

/** "Insight Transform File V1.0": lines of a word, a colon and what it says. */
function textTransforms(text: string): readonly ItkTransform[] | Wrong {
  const all: ItkTransform[] = [];
  for (const line of text.split(/[\r\n]+/)) {
    const [, key, said = ''] = /^\s*(\w+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (key === 'Transform') all.push({ type: said.trim().slice(0, 200), parameters: [], fixed: [] });
    if (all.length > mostTransforms) return tooMany;
    if (key !== 'Parameters' && key !== 'FixedParameters') continue;
    const last = all.at(-1);
    if (!last) return damaged(`its ${key} come before any Transform`);
    const values = said.split(/\s+/).flatMap((word) => (word === '' ? [] : Number(word)));
    all[all.length - 1] = { ...last, [key === 'Parameters' ? 'parameters' : 'fixed']: values };
  }
  return all;
}

/** MATLAB level 4, as `itkTransformMat` writes it: a column named by the type, a column named `fixed`. */
function matTransforms(bytes: Uint8Array): readonly ItkTransform[] | Wrong {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const all: ItkTransform[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const column = matColumn(view, at);
    if ('wrong' in column) return column;
    at = column.end;
    const last = all.at(-1);
    if (column.name === 'fixed' && last) all[all.length - 1] = { ...last, fixed: column.values };
    else all.push({ type: column.name, parameters: column.values, fixed: [] });
    if (all.length > mostTransforms) return tooMany;
  }
  return all;
}

interface MatColumn {
  readonly name: string;
  readonly values: readonly number[];
  readonly end: number;
}

const headBytes = 20;

/** Five int32 (type: thousands 1 where big-endian, tens 1 where single), the name with its 0, the numbers. */
function matColumn(view: DataView, at: number): MatColumn | Wrong {
  if (at + headBytes > view.byteLength) return damaged('it ends in the middle of a header');
  const isLittle = view.getInt32(at, true) >= 0 && view.getInt32(at, true) < 1000;
  const [type = 0, rows = 0, columns = 0, imaginary = 0, nameBytes = 0] = [0, 1, 2, 3, 4].map((i) =>
    view.getInt32(at + 4 * i, isLittle),
  );
  const precision = Math.floor(type / 10) % 10;
  const isKnown = [0, 1000].includes(type - (type % 1000)) && type % 10 === 0 && precision <= 1 && imaginary === 0;
  if (!isKnown || nameBytes < 2 || nameBytes > 100)
    return { wrong: 'it is no file of a transform that ITK or ANTs wrote (MATLAB, level 4)', hint: asField };
  const count = rows * columns;
  if (rows < 0 || columns < 0 || count > mostNumbers)
    return {
      wrong: `it holds a table of ${rows} x ${columns} numbers, and affine maps have at most 15`,
      hint: asField,
    };
  const width = precision === 0 ? 8 : 4;
  const [first, end] = [at + headBytes + nameBytes, at + headBytes + nameBytes + count * width];
  if (end > view.byteLength) return damaged('it ends in the middle of its numbers');
  const letters = Array.from({ length: nameBytes - 1 }, (_, i) =>
    String.fromCharCode(view.getUint8(at + headBytes + i)),
  );
  const values = Array.from({ length: count }, (_, i) =>
    width === 8 ? view.getFloat64(first + 8 * i, isLittle) : view.getFloat32(first + 4 * i, isLittle),
  );
  return { name: letters.join(''), values, end };
}
