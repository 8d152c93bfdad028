import { LamellaError } from '../../../preload/contract/errors.ts';
import { childOf, childrenOf, element, parseXml, type XmlElement } from './xml-tree.ts';

/**
 * TeraStitcher's project XML: a grid of stacks with their positions (ABS_V, ABS_H, ABS_D, voxels down, right and deep)
 * and, once they were computed, the displacement of each neighbour. Voxel sizes and mechanical displacements are in
 * micrometres (negative where the stage counts the other way), the origin in millimetres. What a file holds beyond what
 * is named here is kept: elements and attributes in `others`.
 */
export interface TeraProject {
  readonly doctype: string;
  readonly volumeFormat: string;
  readonly inputPlugin: string | null;
  readonly stacksDir: string;
  readonly mdataBin: string | null;
  readonly refSys: readonly [number, number, number] | null;
  readonly voxelUm: TeraAxes<number>;
  readonly originMm: TeraAxes<number>;
  readonly mechanicalUm: { readonly v: number; readonly h: number };
  readonly subimage: Readonly<Record<string, string>> | null;
  readonly rows: number;
  readonly columns: number;
  readonly slices: number;
  readonly stacks: readonly TeraStack[];
  readonly others: Others;
}

export interface TeraAxes<T> {
  readonly v: T;
  readonly h: T;
  readonly d: T;
}

/** What is not read, as it came. */
export interface Others {
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
}

export const teraDirections = ['north', 'east', 'south', 'west'] as const;
export type TeraDirection = (typeof teraDirections)[number];

export interface TeraStack {
  readonly channels: number | null;
  readonly bytesPerChannel: number | null;
  readonly row: number;
  readonly column: number;
  /** Voxels. */
  readonly position: TeraAxes<number>;
  readonly stitchable: boolean;
  /** Relative to `stacksDir`. */
  readonly dirName: string;
  /** '[0,200)[210,400)': the slices that are there; '' where all are missing. */
  readonly zRanges: string;
  readonly imgRegex: string;
  readonly displacements: Readonly<Record<TeraDirection, readonly TeraDisplacement[]>>;
  readonly others: Others;
}

export interface TeraDisplacement extends TeraAxes<TeraAxis> {
  /** 'MIP_NCC' */
  readonly type: string;
}

/** Of the neighbour's position less the stack's own, voxels. */
export interface TeraAxis {
  readonly displ: number;
  readonly defaultDispl: number;
  readonly reliability: number;
  readonly nccPeak: number;
  readonly nccWidth: number;
  readonly nccWRangeThr: number;
  readonly nccInvWidth: number;
  readonly delay: number;
}

const mostStacks = 1_000_000;

/** What a file of TeraStitcher begins with. */
export const teraDoctype = 'TeraStitcher SYSTEM "TeraStitcher.DTD"';

export const looksLikeTeraStitcher = (head: string): boolean => /<TeraStitcher[\s>]/.test(head);

/** Throws 'bad-layout' that names the file, the element and the value. */
export function parseTeraStitcher(text: string, fileName: string): TeraProject {
  const refuse = (why: string): LamellaError => badProject(fileName, why);
  const { root, doctype } = parseXml(text, refuse);
  if (root.name !== 'TeraStitcher') throw refuse(`its root is <${root.name.slice(0, 60)}>, not <TeraStitcher>`);
  const reader = new Reader(root, refuse);
  const axes = (name: string, fallback?: number): TeraAxes<number> => {
    const own = reader.child(name, fallback === undefined);
    return { v: own.number('V', fallback), h: own.number('H', fallback), d: own.number('D', fallback) };
  };
  const voxelUm = axes('voxel_dims');
  if ([voxelUm.v, voxelUm.h, voxelUm.d].some((side) => side === 0)) throw refuse('voxel_dims has a side of 0');
  const dimensions = reader.child('dimensions', true);
  const stacks = childrenOf(childOf(root, 'STACKS'), 'Stack');
  if (stacks.length === 0) throw refuse('it has no <Stack>');
  if (stacks.length > mostStacks) throw refuse(`it has more than ${mostStacks} stacks`);
  const refSys = childOf(root, 'ref_sys') && reader.child('ref_sys', true);
  const mechanical = reader.child('mechanical_displacements', true);
  return {
    doctype,
    volumeFormat: reader.text('volume_format', ''),
    inputPlugin: reader.optional('input_plugin'),
    stacksDir: reader.child('stacks_dir', true).text('value'),
    mdataBin: childOf(root, 'mdata_bin')?.attributes['value'] ?? null,
    refSys: refSys ? [refSys.number('ref1'), refSys.number('ref2'), refSys.number('ref3')] : null,
    voxelUm,
    originMm: axes('origin', 0),
    mechanicalUm: { v: mechanical.number('V'), h: mechanical.number('H') },
    subimage: childOf(root, 'subimage')?.attributes ?? null,
    rows: dimensions.whole('stack_rows'),
    columns: dimensions.whole('stack_columns'),
    slices: dimensions.whole('stack_slices'),
    stacks: stacks.map((stack) => stackOf(stack, refuse)),
    others: reader.others(rootChildren),
  };
}

const rootChildren = new Set(
  'stacks_dir mdata_bin ref_sys voxel_dims origin mechanical_displacements subimage dimensions STACKS'.split(' '),
);
const directionNames = new Set(teraDirections.map((direction) => `${direction.toUpperCase()}_displacements`));

function stackOf(stack: XmlElement, refuse: (why: string) => LamellaError): TeraStack {
  const reader = new Reader(stack, refuse);
  const displacements = (direction: TeraDirection): readonly TeraDisplacement[] =>
    childrenOf(childOf(stack, `${direction.toUpperCase()}_displacements`), 'Displacement').map((one) => {
      const own = new Reader(one, refuse);
      return {
        type: own.text('TYPE', 'MIP_NCC'),
        v: axisOf(own.child('V', true)),
        h: axisOf(own.child('H', true)),
        d: axisOf(own.child('D', true)),
      };
    });
  return {
    channels: reader.optionalWhole('N_CHANS'),
    bytesPerChannel: reader.optionalWhole('N_BYTESxCHAN'),
    row: reader.whole('ROW'),
    column: reader.whole('COL'),
    position: { v: reader.number('ABS_V'), h: reader.number('ABS_H'), d: reader.number('ABS_D') },
    stitchable: reader.text('STITCHABLE', 'no') === 'yes',
    dirName: reader.text('DIR_NAME'),
    zRanges: reader.text('Z_RANGES', ''),
    imgRegex: reader.text('IMG_REGEX', ''),
    displacements: {
      north: displacements('north'),
      east: displacements('east'),
      south: displacements('south'),
      west: displacements('west'),
    },
    others: reader.others(directionNames),
  };
}

const axisOf = (reader: Reader): TeraAxis => ({
  displ: reader.number('displ'),
  defaultDispl: reader.number('default_displ', 0),
  reliability: reader.number('reliability', 0),
  nccPeak: reader.number('nccPeak', 0),
  nccWidth: reader.number('nccWidth', 0),
  nccWRangeThr: reader.number('nccWRangeThr', 0),
  nccInvWidth: reader.number('nccInvWidth', 0),
  delay: reader.number('delay', 0),
});

const saneNumber = 1e12;

/** Reads attributes of an element and remembers which; the rest is `others`. */
class Reader {
  readonly #element: XmlElement;
  readonly #refuse: (why: string) => LamellaError;
  readonly #read = new Set<string>();

  constructor(of: XmlElement, refuse: (why: string) => LamellaError) {
    this.#element = of;
    this.#refuse = refuse;
  }

  child(name: string, needed: boolean): Reader {
    const found = childOf(this.#element, name);
    if (!found && needed) throw this.#refuse(`<${this.#element.name}> has no <${name}>`);
    return new Reader(found ?? element(name), this.#refuse);
  }

  optional(key: string): string | null {
    this.#read.add(key);
    return this.#element.attributes[key] ?? null;
  }

  text(key: string, fallback?: string): string {
    const value = this.optional(key) ?? fallback;
    if (value === undefined) throw this.#refuse(`<${this.#element.name}> has no ${key}`);
    return value;
  }

  number(key: string, fallback?: number): number {
    const text = this.text(key, fallback === undefined ? undefined : String(fallback)).trim();
    const value = text === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && Math.abs(value) <= saneNumber) return value;
    throw this.#refuse(`${key}="${text.slice(0, 40)}" of <${this.#element.name}> is no usable number`);
  }

  whole(key: string): number {
    const value = this.number(key);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw this.#refuse(`${key}="${value}" of <${this.#element.name}> is no whole number from 0 up`);
  }

  optionalWhole(key: string): number | null {
    return this.optional(key) === null ? null : this.whole(key);
  }

  others(children: ReadonlySet<string>): Others {
    const left = Object.entries(this.#element.attributes).filter(([key]) => !this.#read.has(key));
    return {
      attributes: Object.fromEntries(left),
      children: this.#element.children.filter(({ name }) => !children.has(name)),
    };
  }
}

const badProject = (fileName: string, why: string): LamellaError =>
  new LamellaError('bad-layout', `${fileName} is no TeraStitcher project that can be read: ${why}.`, {
    hint: 'Give the XML that TeraStitcher (terastitcher --import) wrote, or choose another layout.',
    fields: { file: fileName },
  });
