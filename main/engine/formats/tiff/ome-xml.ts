import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { badTiff } from './ifd.ts';
import { isLength, nmOfUnit, secondsOfUnit } from './length-units.ts';

/** OME-XML (OME model 2016-06 and the older ones), as far as it says where planes lie and how large voxels are. */
export interface OmeImage {
  readonly id: string;
  readonly name: string;
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  /** Channels and the samples of each pixel together. */
  readonly sizeC: number;
  readonly sizeT: number;
  /** Of planes, fastest first: 'zct' for XYZCT. */
  readonly order: string;
  /** Undefined where it does not say. */
  readonly voxelNm: readonly [number | undefined, number | undefined, number | undefined];
  readonly secondsPerTime: number | null;
  /** Where the stage was for its first plane; null where nobody says. */
  readonly stage: OmeStage | null;
  readonly channels: readonly OmeChannel[];
  readonly data: readonly OmeTiffData[];
}

export interface OmeStage {
  /** Nanometres; of `units` that are the microscope's own, micrometres are assumed. */
  readonly xNm: number;
  readonly yNm: number;
  readonly areUnitsKnown: boolean;
}

export interface OmeChannel {
  readonly name: string;
  readonly color: string | null;
  readonly samples: number;
}

/** A run of planes and the directories that hold them. */
export interface OmeTiffData {
  readonly ifd: number;
  /** undefined: one where a directory is named, else as many as there are. */
  readonly planes: number | undefined;
  readonly c: number;
  readonly z: number;
  readonly t: number;
  /** Of another file of the set; '' for this one. */
  readonly file: string;
  readonly uuid: string;
}

export interface OmeDocument {
  readonly uuid: string;
  /** The file that holds the real metadata, where this is only a pointer to it; else ''. */
  readonly metadataFile: string;
  readonly images: readonly OmeImage[];
  /** Of an annotation in Lamella's name space; '' where there is none. */
  readonly lamella: string;
}

export const maxOmeXmlBytes = 64 * 2 ** 20;
const maxDepth = 64;
const maxElements = 2_000_000;
const maxImages = 1000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Building = Writable<Omit<OmeImage, 'channels' | 'data'>> & {
  channels: OmeChannel[];
  data: Writable<OmeTiffData>[];
};

/** Throws 'bad-source' on what is not XML, on declarations of types and entities, and beyond 64 levels. */
export function parseOmeXml(xml: string, file: { readonly name: string }): OmeDocument {
  const reader = new OmeReader(file);
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw badTiff(file, `its OME-XML is damaged (${error.message.slice(0, 200)})`);
  });
  parser.on('doctype', () => {
    throw badTiff(file, 'its OME-XML declares types or entities, which is not allowed');
  });
  parser.on('opentag', (tag) => reader.open(tag));
  parser.on('closetag', () => reader.close());
  parser.on('text', (text) => reader.text(text));
  parser.write(xml).close();
  return reader.document();
}

export const looksLikeOmeXml = (description: string): boolean => /<(\w+:)?OME[\s>]/.test(description.slice(0, 10_000));

class OmeReader {
  readonly #file: { readonly name: string };
  readonly #images: Building[] = [];
  readonly #path: string[] = [];
  #elements = 0;
  #uuid = '';
  #metadataFile = '';
  #lamella = '';
  #inLamella = false;
  #text = '';

  constructor(file: { readonly name: string }) {
    this.#file = file;
  }

  document(): OmeDocument {
    const images = this.#images.filter((image) => image.sizeX > 0);
    return { uuid: this.#uuid, metadataFile: this.#metadataFile, images, lamella: this.#lamella };
  }

  open(tag: SaxesTagPlain): void {
    const name = tag.name.slice(tag.name.indexOf(':') + 1);
    this.#path.push(name);
    this.#text = '';
    this.#elements += 1;
    if (this.#path.length > maxDepth) throw badTiff(this.#file, `its OME-XML nests deeper than ${maxDepth} levels`);
    if (this.#elements > maxElements) throw badTiff(this.#file, `its OME-XML has more than ${maxElements} elements`);
    this.#take(name, tag.attributes);
  }

  text(text: string): void {
    if (this.#text.length < 2 ** 20) this.#text += text;
  }

  close(): void {
    const name = this.#path.pop();
    const data = this.#images.at(-1)?.data.at(-1);
    if (name === 'UUID' && this.#path.at(-1) === 'TiffData' && data) data.uuid = this.#text.trim();
    if (name === 'Value' && this.#inLamella) this.#lamella = this.#text;
    if (name?.endsWith('Annotation') === true) this.#inLamella = false;
    this.#text = '';
  }

  #take(name: string, attributes: Readonly<Record<string, string>>): void {
    const image = this.#images.at(-1);
    const parent = this.#path.at(-2);
    if (name === 'OME') this.#uuid = attributes['UUID'] ?? '';
    else if (name === 'BinaryOnly') this.#metadataFile = attributes['MetadataFile'] ?? '';
    else if (name === 'Image' && parent === 'OME') this.#addImage(attributes);
    else if (name.endsWith('Annotation')) this.#inLamella = attributes['Namespace'] === 'lamella';
    else if (!image) return;
    else if (name === 'Pixels' && parent === 'Image') takePixels(image, attributes);
    else if (name === 'StageLabel' && parent === 'Image') image.stage ??= stageOf(attributes, ['X', 'Y', 'XUnit']);
    else if (name === 'Plane' && parent === 'Pixels')
      image.stage ??= stageOf(attributes, ['PositionX', 'PositionY', 'PositionXUnit']);
    else if (name === 'Channel' && parent === 'Pixels') image.channels.push(channelOf(attributes));
    else if (name === 'TiffData' && parent === 'Pixels') image.data.push(tiffData(attributes));
    else if (name === 'UUID' && parent === 'TiffData') {
      const data = image.data.at(-1);
      if (data) data.file = attributes['FileName'] ?? '';
    }
  }

  #addImage(attributes: Readonly<Record<string, string>>): void {
    if (this.#images.length >= maxImages) throw badTiff(this.#file, `its OME-XML lists more than ${maxImages} images`);
    this.#images.push({
      ...{
        id: attributes['ID'] ?? '',
        name: attributes['Name'] ?? '',
        sizeX: 0,
        sizeY: 0,
        sizeZ: 1,
        sizeC: 1,
        sizeT: 1,
      },
      ...{
        order: 'zct',
        voxelNm: [undefined, undefined, undefined],
        secondsPerTime: null,
        stage: null,
        channels: [],
        data: [],
      },
    });
  }
}

function takePixels(image: Building, attributes: Readonly<Record<string, string>>): void {
  const size = (axis: string): number => {
    const value = Number(attributes[`Size${axis}`] ?? 1);
    return Number.isSafeInteger(value) && value >= 1 && value < 2 ** 31 ? value : 0;
  };
  [image.sizeX, image.sizeY] = [size('X'), size('Y')];
  [image.sizeZ, image.sizeC, image.sizeT] = [size('Z') || 1, size('C') || 1, size('T') || 1];
  const order = /^XY([ZCT]{3})$/.exec(attributes['DimensionOrder'] ?? '')?.[1]?.toLowerCase();
  if (order !== undefined && new Set(order).size === 3) image.order = order;
  const nm = (axis: string): number | undefined => {
    const side =
      Number(attributes[`PhysicalSize${axis}`]) *
      (nmOfUnit(attributes[`PhysicalSize${axis}Unit`] ?? 'µm') ?? Number.NaN);
    return isLength(side) ? side : undefined;
  };
  image.voxelNm = [nm('X'), nm('Y'), nm('Z')];
  const seconds =
    Number(attributes['TimeIncrement']) * (secondsOfUnit(attributes['TimeIncrementUnit'] ?? 's') ?? Number.NaN);
  image.secondsPerTime = seconds > 0 && Number.isFinite(seconds) ? seconds : null;
}

/** A plane's or a label's place. Before units could be said, microscopes wrote micrometres. */
function stageOf(
  attributes: Readonly<Record<string, string>>,
  [x, y, unit]: readonly [string, string, string],
): OmeStage | null {
  const nmPerUnit = nmOfUnit(attributes[unit] ?? '');
  const nm = (name: string): number => Number(attributes[name] ?? NaN) * (nmPerUnit ?? 1000);
  const stage = { xNm: nm(x), yNm: nm(y), areUnitsKnown: nmPerUnit !== undefined };
  return Number.isFinite(stage.xNm) && Number.isFinite(stage.yNm) ? stage : null;
}

function channelOf(attributes: Readonly<Record<string, string>>): OmeChannel {
  const samples = Number(attributes['SamplesPerPixel'] ?? 1);
  const color = Number(attributes['Color'] ?? Number.NaN);
  // A signed 32-bit RGBA.
  const rgb = Number.isInteger(color) ? (color >>> 8).toString(16).padStart(6, '0').toUpperCase() : null;
  return {
    name: (attributes['Name'] ?? '').slice(0, 500),
    color: rgb,
    samples: Number.isInteger(samples) && samples >= 1 ? samples : 1,
  };
}

function tiffData(attributes: Readonly<Record<string, string>>): Writable<OmeTiffData> {
  const whole = (name: string): number | undefined => {
    const value = Number(attributes[name]);
    return attributes[name] !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  };
  const ifd = whole('IFD');
  const planes = whole('PlaneCount') ?? (ifd === undefined ? undefined : 1);
  return {
    ...{ ifd: ifd ?? 0, planes, c: whole('FirstC') ?? 0, z: whole('FirstZ') ?? 0, t: whole('FirstT') ?? 0 },
    ...{ file: '', uuid: '' },
  };
}
