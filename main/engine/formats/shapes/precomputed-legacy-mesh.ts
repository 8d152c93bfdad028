import { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile, checkJson } from '../checked-json.ts';
import { nameOfPlace } from '../place-name.ts';
import type { Place } from '../volume-format.ts';
import { manifestOf } from './one-box.ts';
import { checkedFolder, folderAt, kindOfFolder, legacyManifest, noShape, segmentId } from './precomputed-folder.ts';
import { entriesOf, idsOfFiles, segmentNames } from './segment-names.ts';
import type { OpenMeshes, ParsedShapes, ShapeFormat, ShapeOptions } from './shape-format.ts';
import { mostObjectBytes, readStored } from './stored-file.ts';

/** google/neuroglancer, src/datasource/precomputed/mesh.rst, "Legacy single-resolution mesh format". */
export const precomputedLegacyMesh: ShapeFormat = {
  id: 'precomputed-legacy-mesh',
  label: 'precomputed meshes of one resolution',
  kind: 'mesh',
  detect: async (place) => {
    const folder = await folderAt(place);
    return folder !== undefined && (await kindOfFolder(folder)) === 'legacy';
  },
  open: openLegacy,
};

const manifestSchema = z.object({ fragments: z.array(z.string()).max(100_000) });
const mostManifestBytes = 16 * 2 ** 20;
const fragmentsAtOnce = 8;

async function openLegacy(place: Place, { work, parsed, token }: ShapeOptions): Promise<OpenMeshes> {
  const { source, properties } = await checkedFolder(place, z.object({}));
  const names = await segmentNames(properties);
  const listed = await idsOfFiles(source, legacyManifest);
  const entries = entriesOf(listed, names);
  const read = (key: string, signal?: AbortSignal): Promise<ParsedShapes> => {
    const id = segmentId(source, key);
    return parsed.get(`${token}${id}`, async () => {
      const fragments = await readFragments(source, String(id));
      signal?.throwIfAborted();
      return work.parse({ format: 'legacy-mesh', file: `${id}:0` }, fragments);
    });
  };
  return {
    kind: 'mesh',
    facts: {
      name: nameOfPlace(source.name),
      format: 'precomputed-legacy-mesh',
      unitNm: 1,
      count: listed ? entries.length : null,
      boundsNm: null,
      notes: [],
    },
    keys: () => Promise.resolve(entries),
    manifest: async (key) => {
      const [mesh] = (await read(key)).shapes;
      return manifestOf(key, mesh?.boundsNm ?? null, mesh?.bytes.byteLength ?? 0);
    },
    mesh: async ({ key, level, box }) => {
      if (level !== 0 || box !== 0) throw noShape(source, `${key}, level ${level}, box ${box}`);
      const [mesh] = (await read(key)).shapes;
      if (!mesh) throw noShape(source, key);
      return { vertices: mesh.points, triangles: mesh.links, bytes: mesh.bytes };
    },
  };
}

async function readFragments(source: ByteSource, id: string): Promise<readonly Uint8Array[]> {
  const key = `${id}:0`;
  const read = (name: string) => readStored(source, name, undefined, mostManifestBytes);
  const bytes = (await read(key)) ?? (source.pathOf && (await read(`${id}%3A0`)));
  if (!bytes) throw noShape(source, id);
  const { fragments } = checkJson(source, key, manifestSchema, parsedJson(source, key, bytes));
  const wrong = fragments.find((name) => !isFragmentName(name));
  if (wrong !== undefined) throw badFile(source, key, `it names the fragment ${JSON.stringify(wrong.slice(0, 100))}`);
  const all: Uint8Array[] = [];
  let total = 0;
  for (let i = 0; i < fragments.length; i += fragmentsAtOnce) {
    const some = await Promise.all(
      fragments.slice(i, i + fragmentsAtOnce).map((name) => fragmentOf(source, key, name)),
    );
    all.push(...some);
    total += some.reduce((sum, one) => sum + one.byteLength, 0);
    if (total > mostObjectBytes) throw tooLarge(source, id, total);
  }
  return all;
}

async function fragmentOf(source: ByteSource, manifest: string, name: string): Promise<Uint8Array> {
  const bytes = await readStored(source, name);
  if (bytes) return bytes;
  throw badFile(source, name, `"${manifest}" names this fragment, and it is not there`);
}

function parsedJson(source: ByteSource, key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badFile(source, key, 'it is not JSON', cause);
  }
}

/** Names have colons (`1:0:0-512_0-512_0-64`), and lead nowhere else. */
const isFragmentName = (name: string): boolean =>
  name.length > 0 &&
  name.length <= 1024 &&
  !/[\0\\]/.test(name) &&
  name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const tooLarge = (source: ByteSource, id: string, bytes: number): LamellaError =>
  new LamellaError('over-budget', `The mesh of ${id} in ${source.name} has over ${bytes} bytes.`, {
    hint: 'Write it with levels of detail.',
    fields: { source: source.name, key: id },
  });
