import { z } from 'zod';
import { badTiff } from './ifd.ts';
import { type OmeDocument, type OmeImage, maxOmeXmlBytes, parseOmeXml } from './ome-xml.ts';
import type { TiffSet } from './open-tiff.ts';
import { type TiffPage, sameKind } from './page.ts';
import { type OwnNotes, type TiffImage, levelsAmong, mostChannels } from './tiff-image.ts';

const maxPlanes = 2 ** 22;
const maxAssignments = 2 ** 24;

/** The images that OME-XML tells of; `xml` is the description of the named file's first page. */
export async function omeImages(
  set: TiffSet,
  xml: string,
): Promise<{ names: string[]; image(index: number): Promise<TiffImage> }> {
  const document = await wholeDocument(set, parseOmeXml(xml, set.main.file));
  if (document.images.length === 0) throw badTiff(set.main.file, 'its OME-XML tells of no image');
  const names = document.images.map((image, i) => image.name || image.id || `image ${i + 1}`);
  return {
    names,
    image: async (index) => {
      const chosen = document.images[index];
      if (!chosen) throw badTiff(set.main.file, `its OME-XML has no image ${index + 1}`);
      return omeImage(set, document, chosen, index);
    },
  };
}

/** Follows a pointer to the file that holds the metadata of the set. */
async function wholeDocument(set: TiffSet, document: OmeDocument): Promise<OmeDocument> {
  if (document.metadataFile === '') return document;
  const text = await set.textBeside(document.metadataFile, maxOmeXmlBytes);
  if (text === undefined)
    throw badTiff(
      set.main.file,
      `its metadata is in "${document.metadataFile}", which is not beside it`,
      'Put the files of the set into one folder.',
    );
  return { ...parseOmeXml(text, { name: document.metadataFile }), uuid: document.uuid };
}

async function omeImage(set: TiffSet, document: OmeDocument, image: OmeImage, index: number): Promise<TiffImage> {
  const warnings: string[] = [];
  const samples = image.channels[0]?.samples ?? 1;
  const sizeC = Math.max(1, Math.floor(image.sizeC / samples));
  const { sizeZ, sizeT } = image;
  const table = planeTable(set, image, { sizeC, files: await filesOf(set, document, image) });
  if (table.missing > 0) warnings.push(`${table.missing} of its planes are not stored; they are empty.`);
  const first = await firstPage(set, image, table, samples);
  const copies = await set.main.subPages(first).catch(() => []);
  const chosen = levelsAmong(first, copies);
  const levels = [first, ...chosen.flatMap((at) => copies[at] ?? [])];
  return {
    ...{ name: image.name, sizeZ, sizeT, sizeC, levels, warnings, secondsPerTime: image.secondsPerTime },
    voxelNm: image.voxelNm,
    own: index === 0 ? ownNotes(document.lamella) : {},
    channels: Array.from({ length: sizeC }, (_, c) => ({
      name: image.channels[c]?.name ?? '',
      color: image.channels[c]?.color ?? null,
      window: null,
    })),
    page: async (c, z, t, level) => {
      const at = planeIndex(image, sizeC, { c, z, t });
      const ifd = table.ifds[at] ?? -1;
      if (ifd < 0) return undefined;
      const tiff = await set.other(table.files[table.fileOf[at] ?? 0] ?? '');
      const base = await tiff.pageAt(ifd);
      const page = level === 0 ? base : (await tiff.subPages(base))[chosen[level - 1] ?? 0];
      const like = levels[level];
      if (page && like && sameKind(page, like)) return { file: tiff.file, page, shift: 0 };
      throw badTiff(tiff.file, `page ${ifd} is ${pageText(page)} where ${pageText(like)} is expected`);
    },
  };
}

const pageText = (page: TiffPage | undefined): string =>
  page ? `${page.width} x ${page.height} ${page.dtype} of ${page.samples} samples` : 'missing';

interface PlaneTable {
  readonly files: readonly string[];
  readonly fileOf: Uint32Array;
  /** -1: not stored. */
  readonly ifds: Int32Array;
  readonly missing: number;
}

/** Which directory of which file each plane is in, planes in the order of the image. */
function planeTable(
  set: TiffSet,
  image: OmeImage,
  { sizeC, files }: { readonly sizeC: number; readonly files: ReadonlyMap<string, string> },
): PlaneTable {
  const total = sizeC * image.sizeZ * image.sizeT;
  if (total > maxPlanes || sizeC > mostChannels)
    throw badTiff(set.main.file, `its OME-XML tells of ${total} planes in ${sizeC} channels`);
  const names = [...new Set(['', ...files.values()])];
  const [ifds, fileOf] = [new Int32Array(total).fill(-1), new Uint32Array(total)];
  const runs =
    image.data.length > 0 ? image.data : [{ ifd: 0, planes: undefined, c: 0, z: 0, t: 0, file: '', uuid: '' }];
  let assigned = 0;
  for (const run of runs) {
    const outside = run.c >= sizeC || run.z >= image.sizeZ || run.t >= image.sizeT;
    const from = outside ? total : planeIndex(image, sizeC, run);
    const count = Math.min(run.planes ?? total, total - from);
    if ((assigned += count) > maxAssignments + 4 * total)
      throw badTiff(set.main.file, 'its OME-XML names the same planes over and over');
    const file = names.indexOf(files.get(run.file) ?? '');
    for (let i = 0; i < count; i++) {
      ifds[from + i] = run.ifd + i;
      fileOf[from + i] = file;
    }
  }
  return { files: names, fileOf, ifds, missing: ifds.reduce((sum, ifd) => sum + (ifd < 0 ? 1 : 0), 0) };
}

/** The file that each name of the XML means; '' is the named file, also where it was renamed. */
async function filesOf(set: TiffSet, document: OmeDocument, image: OmeImage): Promise<ReadonlyMap<string, string>> {
  const names = new Set(image.data.map(({ file }) => file));
  const all = new Set(document.images.flatMap(({ data }) => data.map(({ file }) => file)));
  const own = new Set(image.data.filter(({ uuid }) => uuid !== '' && uuid === document.uuid).map(({ file }) => file));
  const files = new Map<string, string>();
  for (const name of names) {
    const isSelf = name === '' || name === set.mainName || own.has(name);
    const renamed = !isSelf && all.size === 1 && !(await set.has(name));
    files.set(name, isSelf || renamed ? '' : name);
  }
  return files;
}

function planeIndex(image: OmeImage, sizeC: number, at: Readonly<Record<'c' | 'z' | 't', number>>): number {
  let [index, stride] = [0, 1];
  for (const axis of image.order) {
    index += stride * (axis === 'c' ? at.c : axis === 'z' ? at.z : at.t);
    stride *= axis === 'c' ? sizeC : axis === 'z' ? image.sizeZ : image.sizeT;
  }
  return index;
}

async function firstPage(set: TiffSet, image: OmeImage, table: PlaneTable, samples: number): Promise<TiffPage> {
  const at = table.ifds.findIndex((ifd) => ifd >= 0);
  if (at < 0) throw badTiff(set.main.file, 'its OME-XML names no page for the image');
  const tiff = await set.other(table.files[table.fileOf[at] ?? 0] ?? '');
  const page = await tiff.pageAt(table.ifds[at] ?? 0);
  if (page.width === image.sizeX && page.height === image.sizeY && page.samples === samples) return page;
  throw badTiff(
    tiff.file,
    `its OME-XML tells of ${image.sizeX} x ${image.sizeY} of ${samples} samples, but the page is ${pageText(page)}`,
  );
}

const ownSchema = z.object({
  kind: z.enum(['image', 'segmentation']).optional(),
  originNm: z.tuple([z.number(), z.number(), z.number()]).optional(),
  windows: z
    .array(z.tuple([z.number(), z.number()]).nullable())
    .max(mostChannels)
    .optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
});

function ownNotes(text: string): OwnNotes {
  if (text === '') return {};
  try {
    return ownSchema.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}
