import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import type { ByteSource } from '../formats/byte-store.ts';
import { looksLikeOmeXml, maxOmeXmlBytes, type OmeImage, parseOmeXml } from '../formats/tiff/ome-xml.ts';
import { openTiff } from '../formats/tiff/open-tiff.ts';
import { openFolderSource } from '../sources/folder.ts';
import type { LayoutTile, TileLayout } from './layout.ts';
import { fileNameOf, type SourceFolder } from './source-files.ts';

const imageDescription = 270;
/** Pixels of two images whose sides differ by more than this part are not of one stage. */
const samePixel = 1e-3;

/** The stage positions that OME-TIFF images carry themselves, in pixels of the first; `*` in the pattern is any text. */
export async function readOmeLayout(pattern: string, source: SourceFolder): Promise<TileLayout> {
  const wanted = patternOf(pattern);
  const paths = source.paths.filter((path) => /\.tiff?$/i.test(path) && wanted.test(fileNameOf(path)));
  const folder = openFolderSource(source.folder, fileNameOf(source.folder));
  const warnings: Warning[] = [];
  const found: { readonly path: string; readonly image: OmeImage }[] = [];
  for (const path of paths) {
    const image = await imageOf(folder, path).catch((error: unknown) => unread(error, path, warnings));
    if (image?.stage) found.push({ path, image });
    else if (image)
      warnings.push({ subject: path, message: `${path} does not say where the stage was; it is left out.` });
  }
  const pixelNm = found.find(({ image }) => image.voxelNm[0] !== undefined)?.image.voxelNm[0];
  if (pixelNm === undefined) throw nothingThere(pattern, source, paths.length, found.length);
  const tiles = found.flatMap(({ path, image }) => tileOf(path, image, pixelNm, warnings));
  const isAssumed = found.some(({ image }) => image.stage?.areUnitsKnown === false);
  if (isAssumed)
    warnings.push({
      subject: pattern,
      message: 'The images give stage positions in units of the microscope; micrometres are assumed.',
      hint: 'Look at the tiles on the board: where neighbours do not overlap, write a TileConfiguration.txt instead.',
    });
  return { tiles, overlap: null, warnings, pixelNm };
}

/** `*.tif` also finds `.tiff`. */
function patternOf(pattern: string): RegExp {
  const words = pattern.replace(/\.tiff?$/i, '').split('*');
  const escaped = words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}(\\.tiff?)$`, 'i');
}

/** The image of the document that lies in this file: of a set, each file carries the words of all. */
async function imageOf(source: ByteSource, path: string): Promise<OmeImage | null> {
  const { file } = await openTiff(source, path);
  const text = await file.text(await file.ifd(file.firstIfd), imageDescription, maxOmeXmlBytes);
  if (!looksLikeOmeXml(text)) return null;
  const { images } = parseOmeXml(text, { name: path });
  const own = images.find(({ data }) => data.some((part) => part.file === fileNameOf(path)));
  return own ?? images[0] ?? null;
}

function unread(error: unknown, path: string, warnings: Warning[]): null {
  if (!isLamellaError(error)) throw error;
  warnings.push({ subject: path, message: `${path} cannot be read: ${error.message}`, hint: error.hint });
  return null;
}

function tileOf(path: string, image: OmeImage, pixelNm: number, warnings: Warning[]): readonly LayoutTile[] {
  const { stage, voxelNm, sizeX, sizeY } = image;
  if (!stage) return [];
  const own = voxelNm[0] ?? pixelNm;
  if (Math.abs(own / pixelNm - 1) > samePixel)
    warnings.push({
      subject: path,
      message: `${path} has pixels of ${own} nm where others have ${pixelNm} nm; its place counts in the latter.`,
    });
  const place = { kind: 'affine', stageFromTile: [1, 0, 0, 1, stage.xNm / pixelNm, stage.yNm / pixelNm] } as const;
  return [{ name: path, section: 0, images: new Map([[0, path]]), sizePx: [sizeX, sizeY], place, spec: null }];
}

function nothingThere(pattern: string, { folder }: SourceFolder, files: number, placed: number): LamellaError {
  const why =
    files === 0
      ? `no TIFF in ${folder} fits ${pattern}`
      : placed === 0
        ? `none of the ${files} files says where the stage was (PositionX, PositionY or StageLabel)`
        : 'none of the images says how large its pixels are (PhysicalSizeX)';
  return new LamellaError('bad-layout', `The images carry no stage positions that can be used: ${why}.`, {
    hint: 'Choose another layout, or have the microscope write OME-TIFF with positions and pixel sizes.',
    fields: { pattern, files, placed },
  });
}
