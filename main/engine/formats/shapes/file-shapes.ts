import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import type { MeshManifest, ShapeSet } from '../../../../preload/contract/shape.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile, isSafeKey } from '../checked-json.ts';
import { nameOfPlace } from '../place-name.ts';
import type { Place } from '../volume-format.ts';
import { manifestOf } from './one-box.ts';
import type {
  MeshBytes,
  OpenShapes,
  ParsedShapes,
  ParseShape,
  SetFacts,
  ShapeEntry,
  ShapeFormat,
  ShapeOptions,
  SkeletonBytes,
} from './shape-format.ts';

/** Larger files are cut by who made them, or are not what they seem. */
const mostFileBytes = 2 * 2 ** 30;

interface FileKind {
  readonly id: ShapeSet['format'] & ParseShape['format'];
  readonly label: string;
  readonly kind: ShapeSet['kind'];
  /** With the dot, lower case. */
  readonly endings: readonly string[];
}

/**
 * A format of files. A file is one shape, called like the file, or one for each object in it, called like the objects; a
 * folder holds one shape a file. Files are read by the workers and stay in memory for a while.
 */
export function fileFormat(what: FileKind): ShapeFormat {
  const fits = (name: string): boolean => what.endings.some((ending) => name.toLowerCase().endsWith(ending));
  const filesIn = async (source: ByteSource): Promise<readonly string[]> => {
    const entries = (await source.children('')) ?? [];
    return entries
      .filter(({ name, isFolder }) => !isFolder && !name.startsWith('.') && fits(name))
      .map(({ name }) => name);
  };
  return {
    id: what.id,
    label: what.label,
    kind: what.kind,
    detect: async ({ source, key }) => (key === '' ? (await filesIn(source)).length > 0 : fits(key)),
    open: async (place, options) => {
      const set = new FileSet(what, place, options);
      return place.key === '' ? openFolder(set, await filesIn(place.source)) : openFile(set, place.key);
    },
  };
}

/** Where a shape lies: in which file, and which of its objects; all of them where undefined. */
interface ShapeAt extends ShapeEntry {
  readonly file: string;
  readonly object: number | undefined;
}

async function openFile(set: FileSet, file: string): Promise<OpenShapes> {
  const { shapes, unitNm, notes } = await set.read(file);
  const entries =
    shapes.length === 1 && set.what.id !== 'nml'
      ? [{ key: file, name: shapes[0]?.name || withoutEnding(file), file, object: 0 }]
      : namedObjects(shapes).map((entry, object) => ({ ...entry, file, object }));
  return set.opened(entries, {
    name: withoutEnding(file),
    format: set.what.id,
    unitNm,
    count: entries.length,
    boundsNm: joined(shapes.flatMap(({ boundsNm }) => boundsNm ?? [])),
    notes,
  });
}

/** The first file that can be read says what their unit is taken for. */
async function openFolder(set: FileSet, files: readonly string[]): Promise<OpenShapes> {
  const { file: first, unitNm, notes } = await firstReadable(set, files.slice(0, mostTried));
  const entries = files.map((file) => ({ key: file, name: withoutEnding(file), file, object: undefined }));
  return set.opened(entries, {
    name: nameOfPlace(set.place.source.name),
    format: set.what.id,
    unitNm,
    count: entries.length,
    boundsNm: null,
    notes: notes.map((note) => `"${first}": ${note}`),
  });
}

/** A folder whose files are bad is one of another kind before long. */
const mostTried = 8;

/** Throws what is wrong with the first where none can be read. */
async function firstReadable(
  set: FileSet,
  files: readonly string[],
): Promise<ParsedShapes & { readonly file: string }> {
  let fault: unknown;
  for (const file of files)
    try {
      return { ...(await set.read(file)), file };
    } catch (error) {
      if (!isLamellaError(error, 'bad-source', 'over-budget', 'worker-died')) throw error;
      fault ??= error;
    }
  throw fault;
}

const withoutEnding = (file: string): string => file.replace(/\.[^.]+$/, '') || file;

/** Objects of the same name are told apart by a number. */
function namedObjects(shapes: ParsedShapes['shapes']): readonly ShapeEntry[] {
  const taken = new Set<string>();
  const copies = new Map<string, number>();
  return shapes.map(({ name }, i) => {
    const plain = name.slice(0, 180) || `object ${i + 1}`;
    let key = plain;
    let copy = copies.get(plain) ?? 1;
    while (taken.has(key)) key = `${plain} (${++copy})`;
    copies.set(plain, copy);
    taken.add(key);
    return { key, name: plain };
  });
}

class FileSet {
  readonly what: FileKind;
  readonly place: Place;
  readonly #options: ShapeOptions;

  constructor(what: FileKind, place: Place, options: ShapeOptions) {
    this.what = what;
    this.place = place;
    this.#options = options;
  }

  opened(entries: readonly ShapeAt[], facts: SetFacts): OpenShapes {
    const byKey = new Map(entries.map((entry) => [entry.key, entry]));
    const at = (key: string): ShapeAt => byKey.get(key) ?? fail(notThere(this.place.source, key));
    const keys = (): Promise<readonly ShapeEntry[]> => Promise.resolve(entries.map(({ key, name }) => ({ key, name })));
    if (this.what.kind === 'skeleton')
      return { kind: 'skeleton', facts, keys, skeleton: async (key) => this.#skeleton(at(key)) };
    return {
      kind: 'mesh',
      facts,
      keys,
      manifest: async (key) => this.#manifest(at(key)),
      mesh: async ({ key, level, box }) => {
        if (level !== 0 || box !== 0) throw notThere(this.place.source, `${key}, level ${level}, box ${box}`);
        return this.#mesh(at(key));
      },
    };
  }

  async #objects({ file, object }: ShapeAt): Promise<ParsedShapes['shapes']> {
    const { shapes } = await this.read(file);
    return object === undefined ? shapes : shapes.slice(object, object + 1);
  }

  async #manifest(at: ShapeAt): Promise<MeshManifest> {
    const shapes = await this.#objects(at);
    const bounds = joined(shapes.flatMap(({ boundsNm }) => boundsNm ?? []));
    return manifestOf(at.key, bounds, sum(shapes.map(({ bytes }) => bytes.byteLength)));
  }

  async #mesh(at: ShapeAt): Promise<MeshBytes> {
    const { points, links, bytes } = joinShapes(await this.#objects(at), 3, 3);
    return { vertices: points, triangles: links, bytes };
  }

  async #skeleton(at: ShapeAt): Promise<SkeletonBytes> {
    const { points, links, bytes } = joinShapes(await this.#objects(at), 4, 2);
    return { name: at.name, nodes: points, edges: links, bytes };
  }

  /** What a file holds: from memory, or by the workers. */
  read(file: string): Promise<ParsedShapes> {
    const { parsed, token } = this.#options;
    return parsed.get(`${token}${file}`, () => this.#parse(file));
  }

  async #parse(file: string): Promise<ParsedShapes> {
    const { work, unitNm } = this.#options;
    const bytes = await this.#bytesOf(file);
    const request: ParseShape = { format: this.what.id, file, unitNm };
    const result = await work.parse(request, [bytes]);
    if (result.needs.length === 0) return result;
    const beside = await this.#besides(file, result.needs);
    return work.parse({ ...request, resources: result.needs }, [bytes, ...beside]);
  }

  /** Together no larger than one file may be: several names may lead to one file. */
  async #besides(file: string, names: readonly string[]): Promise<readonly Uint8Array[]> {
    const beside: Uint8Array[] = [];
    for (const name of names) {
      beside.push(await this.#bytesOf(besideKey(this.place.source, file, name)));
      const bytes = sum(beside.map(({ byteLength }) => byteLength));
      if (bytes > mostFileBytes) throw this.#tooLarge(file, bytes);
    }
    return beside;
  }

  async #bytesOf(key: string): Promise<Uint8Array> {
    const { source } = this.place;
    const size = (await source.sizeOf(key)) ?? fail(badFile(source, key, 'there is no such file'));
    if (size > mostFileBytes) throw this.#tooLarge(key, size);
    // As many as there are: a server is asked for a gigabyte at once at the most.
    const bytes = await source.get(key, { offset: 0, length: size });
    return bytes ?? fail(badFile(source, key, 'there is no such file'));
  }

  #tooLarge(key: string, bytes: number): LamellaError {
    const { name } = this.place.source;
    return new LamellaError('over-budget', `"${key}" of ${name} has ${bytes} bytes, over 2 GiB.`, {
      hint: 'Cut it into several files, or write it as precomputed meshes with levels of detail.',
      fields: { file: key, source: name, bytes },
    });
  }
}

/** A name in a file, relative to that file. Throws 'bad-source' where it leads out of the folder. */
function besideKey(source: ByteSource, file: string, uri: string): string {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  const name = decoded(uri).replace(/^\.\//, '');
  if (!isSafeKey(name))
    throw badFile(source, file, `it names the file "${name.slice(0, 100)}", which is not beside it`);
  return `${folder}${name}`;
}

/** A name that is no valid encoding stays as it is. */
function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

/**
 * Shapes one after another as one. Of each, `pointFloats` float32 a point lie before indices of `corners` a link; the
 * first three floats of all points lie before the fourth (radii of skeletons).
 */
function joinShapes(
  shapes: ParsedShapes['shapes'],
  pointFloats: number,
  corners: number,
): { readonly points: number; readonly links: number; readonly bytes: Uint8Array } {
  const [points, links] = [sum(shapes.map((one) => one.points)), sum(shapes.map((one) => one.links))];
  const [only] = shapes;
  if (only && shapes.length === 1) return { points, links, bytes: only.bytes };
  const bytes = new Uint8Array(points * pointFloats * 4 + links * corners * 4);
  const indices = new Uint32Array(bytes.buffer, points * pointFloats * 4);
  let [point, link] = [0, 0];
  for (const { points: n, links: m, bytes: from } of shapes) {
    bytes.set(from.subarray(0, n * 12), point * 12);
    bytes.set(from.subarray(n * 12, n * pointFloats * 4), points * 12 + point * (pointFloats - 3) * 4);
    const own = new Uint32Array(from.buffer, from.byteOffset + n * pointFloats * 4, m * corners);
    for (let i = 0; i < own.length; i++) indices[link * corners + i] = (own[i] ?? 0) + point;
    point += n;
    link += m;
  }
  return { points, links, bytes };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

type Bounds = NonNullable<ShapeSet['boundsNm']>;

function joined(bounds: readonly Bounds[]): Bounds | null {
  const [first, ...rest] = bounds;
  if (!first) return null;
  const pick = (side: 'min' | 'max', axis: 0 | 1 | 2): number =>
    rest.reduce((value, one) => Math[side](value, one[side][axis]), first[side][axis]);
  return {
    min: [pick('min', 0), pick('min', 1), pick('min', 2)],
    max: [pick('max', 0), pick('max', 1), pick('max', 2)],
  };
}

const notThere = (source: ByteSource, key: string): LamellaError =>
  new LamellaError('not-found', `There is no shape ${key} in ${source.name}.`, {
    hint: 'List what there is with shape keys.',
    fields: { source: source.name, key },
  });

function fail(error: Error): never {
  throw error;
}
