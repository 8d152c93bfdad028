import { LamellaError } from '../../../preload/contract/errors.ts';
import { childOf, childrenOf, parseXml, type XmlElement } from './xml-tree.ts';

/**
 * SpimData XML (version 0.2) of BigStitcher and BigDataViewer. A view is a time point of a setup; setups have attributes
 * (angle, channel, illumination, tile). Where a view lies is a list of affine maps, of which the last listed is applied
 * first. The whole tree is kept beside what is read of it, so that a file written again holds what this does not know.
 */
export interface SpimData {
  readonly root: XmlElement;
  readonly loader: SpimLoader;
  readonly setups: readonly SpimSetup[];
  readonly timepoints: readonly number[];
  readonly missing: readonly SpimView[];
  readonly registrations: readonly SpimRegistration[];
  readonly pairs: readonly SpimPair[];
}

export interface SpimView {
  readonly timepoint: number;
  readonly setup: number;
}

/** Where pixels come from. `path` is what it names first: a file or a folder; '' where it names none. */
export interface SpimLoader {
  readonly format: string;
  readonly path: string;
  readonly isRelative: boolean;
  readonly element: XmlElement | null;
}

export interface SpimSetup {
  readonly id: number;
  readonly name: string;
  readonly size: Vec3Tuple | null;
  readonly voxel: { readonly unit: string; readonly size: Vec3Tuple } | null;
  /** 'tile' → 3, 'channel' → 0. */
  readonly attributes: Readonly<Record<string, number>>;
}

type Vec3Tuple = readonly [number, number, number];

export interface SpimRegistration extends SpimView {
  /** As listed: the last is applied first. */
  readonly transforms: readonly SpimTransform[];
}

export interface SpimTransform {
  readonly name: string;
  /** 3 rows of 4. */
  readonly affine: Affine12;
}

export type Affine12 = readonly number[];

/** A result of BigStitcher's pairwise stitching; setups of one group are listed together. */
export interface SpimPair {
  readonly setupsA: readonly number[];
  readonly setupsB: readonly number[];
  readonly timepointsA: readonly number[];
  readonly timepointsB: readonly number[];
  readonly shift: Affine12;
  readonly correlation: number;
  readonly hash: string | null;
  /** Six numbers: least x, y, z and largest x, y, z. */
  readonly overlap: readonly number[] | null;
}

const mostViews = 1_000_000;

export const looksLikeSpimData = (head: string): boolean => /<SpimData[\s>]/.test(head);

/** Throws 'bad-layout' that names the file, the element and the value. */
export function parseSpimData(text: string, fileName: string): SpimData {
  const refuse = (why: string): LamellaError => badSpimData(fileName, why);
  const { root } = parseXml(text, refuse);
  if (root.name !== 'SpimData') throw refuse(`its root is <${root.name.slice(0, 60)}>, not <SpimData>`);
  const sequence = childOf(root, 'SequenceDescription');
  const setups = childrenOf(childOf(sequence, 'ViewSetups'), 'ViewSetup').map((setup) => setupOf(setup, refuse));
  if (setups.length === 0) throw refuse('it has no <ViewSetup>');
  if (setups.length > mostViews) throw refuse(`it has more than ${mostViews} setups`);
  if (new Set(setups.map(({ id }) => id)).size < setups.length) throw refuse('two setups have the same id');
  return {
    root,
    loader: loaderOf(childOf(sequence, 'ImageLoader')),
    setups,
    timepoints: timepointsOf(childOf(sequence, 'Timepoints'), refuse),
    missing: childrenOf(childOf(sequence, 'MissingViews'), 'MissingView').map((view) => viewOf(view, refuse)),
    registrations: childrenOf(childOf(root, 'ViewRegistrations'), 'ViewRegistration').map((one) => ({
      ...viewOf(one, refuse),
      transforms: childrenOf(one, 'ViewTransform').map((transform) => transformOf(transform, refuse)),
    })),
    pairs: childrenOf(childOf(root, 'StitchingResults'), 'PairwiseResult').map((pair) => pairOf(pair, refuse)),
  };
}

type Refuse = (why: string) => LamellaError;

function loaderOf(loader: XmlElement | undefined): SpimLoader {
  const format = loader?.attributes['format'] ?? '';
  const named = loader?.children.find(({ name, text }) => /^(hdf5|n5|zarr|imagedirectory)$/i.test(name) && text !== '');
  return {
    format,
    path: named?.text ?? '',
    isRelative: (named?.attributes['type'] ?? 'relative') === 'relative',
    element: loader ?? null,
  };
}

function setupOf(setup: XmlElement, refuse: Refuse): SpimSetup {
  const voxel = childOf(setup, 'voxelSize');
  const size = childOf(setup, 'size');
  const attributes = (childOf(setup, 'attributes')?.children ?? []).map(
    ({ name, text }) => [name, Number(text)] as const,
  );
  const bad = attributes.find(([, id]) => !Number.isSafeInteger(id));
  if (bad) throw refuse(`the ${bad[0].slice(0, 40)} of a setup is no whole number`);
  return {
    id: wholeOf(childOf(setup, 'id')?.text, 'the id of a setup', refuse),
    name: childOf(setup, 'name')?.text ?? '',
    size: size ? tuple3(size.text, 'the size of a setup', refuse) : null,
    voxel: voxel
      ? {
          unit: childOf(voxel, 'unit')?.text ?? '',
          size: tuple3(childOf(voxel, 'size')?.text ?? '', 'the voxel size of a setup', refuse),
        }
      : null,
    attributes: Object.fromEntries(attributes),
  };
}

const viewOf = ({ attributes }: XmlElement, refuse: Refuse): SpimView => ({
  timepoint: wholeOf(attributes['timepoint'], 'the timepoint of a view', refuse),
  setup: wholeOf(attributes['setup'], 'the setup of a view', refuse),
});

const transformOf = (transform: XmlElement, refuse: Refuse): SpimTransform => ({
  name: (childOf(transform, 'Name') ?? childOf(transform, 'name'))?.text ?? '',
  affine: numbersOf(childOf(transform, 'affine')?.text ?? '', 12, 'the affine map of a view', refuse),
});

function pairOf(pair: XmlElement, refuse: Refuse): SpimPair {
  const ids = (key: string): readonly number[] => {
    const parts = (pair.attributes[key] ?? '').split(/[\s,;]+/).filter((part) => part !== '');
    return parts.map((part) => wholeOf(part, `${key} of a PairwiseResult`, refuse));
  };
  const overlap = childOf(pair, 'overlap_boundingbox')?.text;
  const hash = childOf(pair, 'hash')?.text;
  return {
    setupsA: ids('view_setup_a'),
    setupsB: ids('view_setup_b'),
    timepointsA: ids('tp_a'),
    timepointsB: ids('tp_b'),
    shift: numbersOf(childOf(pair, 'shift')?.text ?? '', 12, 'the shift of a PairwiseResult', refuse),
    correlation: numbersOf(childOf(pair, 'correlation')?.text ?? '', 1, 'the correlation of a pair', refuse)[0] ?? 0,
    hash: hash ?? null,
    overlap: overlap === undefined ? null : numbersOf(overlap, 6, 'the overlap of a pair', refuse),
  };
}

/** 'range' (first, last), 'list' and 'pattern' ("0-3, 7", "0-10:2"). */
function timepointsOf(timepoints: XmlElement | undefined, refuse: Refuse): readonly number[] {
  if (!timepoints) return [0];
  const text = (name: string): string | undefined => childOf(timepoints, name)?.text;
  const whole = (value: string | undefined): number => wholeOf(value, 'a time point', refuse);
  if (timepoints.attributes['type'] === 'range') return between(whole(text('first')), whole(text('last')), 1, refuse);
  const listed = childrenOf(timepoints, 'Timepoint').map((point) => whole(childOf(point, 'id')?.text));
  if (listed.length > 0) return listed;
  const pattern = text('integerpattern') ?? '';
  if (pattern === '') return [0];
  return pattern.split(',').flatMap((part) => {
    const [, first, last = first, step = '1'] = /^\s*(\d+)(?:\s*-\s*(\d+)(?:\s*:\s*(\d+))?)?\s*$/.exec(part) ?? [];
    return between(whole(first), whole(last), whole(step), refuse);
  });
}

function between(first: number, last: number, step: number, refuse: Refuse): readonly number[] {
  const count = Math.floor((last - first) / step) + 1;
  if (!(count >= 1 && count <= mostViews)) throw refuse(`its time points go from ${first} to ${last} by ${step}`);
  return Array.from({ length: count }, (_, i) => first + i * step);
}

function wholeOf(text: string | undefined, what: string, refuse: Refuse): number {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw refuse(`${what} is ${text === undefined ? 'missing' : `"${text.slice(0, 40)}"`}, no whole number from 0 up`);
}

const tuple3 = (text: string, what: string, refuse: Refuse): Vec3Tuple => {
  const [x = 0, y = 0, z = 0] = numbersOf(text, 3, what, refuse);
  return [x, y, z];
};

function numbersOf(text: string, count: number, what: string, refuse: Refuse): readonly number[] {
  const parts = text.trim().split(/\s+/);
  const numbers = parts.map(Number);
  if (parts.length === count && parts[0] !== '' && numbers.every((n) => Number.isFinite(n) && Math.abs(n) <= 1e15))
    return numbers;
  throw refuse(`${what} is "${text.slice(0, 60)}", not ${count} usable ${count === 1 ? 'number' : 'numbers'}`);
}

export const identity12: Affine12 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** `outer` after `inner`. */
export function after12(outer: Affine12, inner: Affine12): Affine12 {
  const at = (m: Affine12, row: number, column: number): number => m[row * 4 + column] ?? 0;
  return Array.from({ length: 12 }, (_, i) => {
    const [row, column] = [Math.floor(i / 4), i % 4];
    const sum = [0, 1, 2].reduce((total, k) => total + at(outer, row, k) * at(inner, k, column), 0);
    return column === 3 ? sum + at(outer, row, 3) : sum;
  });
}

/** From voxels of the view to the world: the list from its last to its first. */
export const worldFromView = ({ transforms }: SpimRegistration): Affine12 =>
  transforms.reduce((model, { affine }) => after12(model, affine), identity12);

const badSpimData = (fileName: string, why: string): LamellaError =>
  new LamellaError('bad-layout', `${fileName} is no SpimData that can be read: ${why}.`, {
    hint: 'Give the dataset.xml that BigStitcher or BigDataViewer wrote, or choose another layout.',
    fields: { file: fileName },
  });
