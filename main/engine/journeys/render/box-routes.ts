import { LamellaError } from '../../../../preload/contract/errors.ts';
import { tileBlendSchema } from '../../../../preload/contract/render.ts';
import { encodePicture, type PictureFormat } from '../../stacks/picture.ts';
import { type BoxPixels, renderBox, type BoxRequest } from '../../stacks/render-box.ts';
import type { RenderEnv } from '../../stacks/render-tiles.ts';
import { askedStack } from './asked-stack.ts';
import { type Answer, json } from '../../loopback/http-answer.ts';
import { namedStack, type RenderService } from './named-stack.ts';
import { type Names, numberOf, type Route } from '../../loopback/routes.ts';
import type { Request } from '../../loopback/serve.ts';
import { renderParameters } from './spec-routes.ts';
import { tileNamed, tilePicture, type TilePart } from './tile-picture.ts';

export interface ServedRender extends RenderService {
  readonly kernels: RenderEnv['kernels'];
}

type Handler = Route<ServedRender>['answer'];

/** Endings of addresses of pictures: their format, whether their levels are as stored, and their type. */
const kinds = {
  'png-image': ['png', 'shown', 'image/png'],
  'jpeg-image': ['jpeg', 'shown', 'image/jpeg'],
  'tiff-image': ['tiff', 'shown', 'image/tiff'],
  'raw-image': ['raw', 'shown', 'application/octet-stream'],
  'png16-image': ['png', 'stored', 'image/png'],
  'tiff16-image': ['tiff', 'stored', 'image/tiff'],
  'raw16-image': ['raw', 'stored', 'application/octet-stream'],
} as const satisfies Readonly<Record<string, readonly [PictureFormat, 'shown' | 'stored', string]>>;
type Kind = keyof typeof kinds;

const stackPath = '/v1/owner/{owner}/project/{project}/stack/{stack}';
const boxPath = `${stackPath}/z/{z}/box/{x},{y},{width},{height}`;
const largePath = `${stackPath}/largeDataTileSource/{width}/{height}/{level}/{z}/{row}/{column}`;
const tileParts = { '': 'placed', '/source': 'source', '/mask': 'mask', '/withNeighbors': 'neighbours' } as const;

/** Pictures of boxes, of CATMAID's tiles, of sections and of single tiles. */
export const boxRoutes: readonly Route<ServedRender>[] = [
  ...(Object.keys(kinds) as Kind[]).flatMap((kind): Route<ServedRender>[] => [
    { method: 'GET', path: `${boxPath},{scale}/${kind}`, answer: boxAnswer(kind) },
    { method: 'GET', path: `${stackPath}/z/{z}/${kind}`, answer: sectionAnswer(kind) },
    ...Object.entries(tileParts).map(([part, named]): Route<ServedRender> => ({
      method: 'GET',
      path: `${stackPath}/tile/{tile}${part}/${kind}`,
      answer: tileAnswer(kind, named),
    })),
  ]),
  { method: 'GET', path: `${largePath}.jpg`, answer: largeAnswer('jpeg-image') },
  { method: 'GET', path: `${largePath}.png`, answer: largeAnswer('png-image') },
  { method: 'GET', path: `${boxPath}/tile-count`, answer: tileCount },
  { method: 'GET', path: `${boxPath},{scale}/render-parameters`, answer: renderParameters },
];

function boxAnswer(kind: Kind): Handler {
  return async (service, names, request) => {
    const [x, y, width, height, scale] = ['x', 'y', 'width', 'height', 'scale'].map((name) => numberOf(names, name));
    const box = { x: x!, y: y!, width: width!, height: height!, scale: scale! };
    return boxPicture(kind, service, names, request, box);
  };
}

/** CATMAID's tile source of type 5: pixels of level n are 2^n pixels of the stack. */
function largeAnswer(kind: Kind): Handler {
  return async (service, names, request) => {
    const factor = 2 ** numberOf(names, 'level');
    const [width, height] = [numberOf(names, 'width') * factor, numberOf(names, 'height') * factor];
    const [x, y] = [numberOf(names, 'column') * width, numberOf(names, 'row') * height];
    return boxPicture(kind, service, names, request, { x, y, width, height, scale: 1 / factor });
  };
}

/** All of a section, at ?scale=. */
function sectionAnswer(kind: Kind): Handler {
  return async (service, names, request) => {
    const { table } = askedStack(service.library, namedStack(service, names).id, channelOf(request));
    const section = numberOf(names, 'z');
    const edges = [Infinity, Infinity, -Infinity, -Infinity];
    table.sections.forEach((z, at) => {
      if (z !== section) return;
      for (const k of [0, 1]) edges[k] = Math.min(edges[k]!, table.bounds[4 * at + k]!);
      for (const k of [2, 3]) edges[k] = Math.max(edges[k]!, table.bounds[4 * at + k]!);
    });
    const [x, y, right, lower] = edges.map(Math.floor);
    if (!Number.isFinite(x)) throw noSection(section);
    const box = { x: x!, y: y!, width: right! + 1 - x!, height: lower! + 1 - y!, scale: scaleOf(request) };
    return boxPicture(kind, service, names, request, box);
  };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

async function boxPicture(
  kind: Kind,
  service: ServedRender,
  names: Names,
  request: Request,
  { x, y, width, height, scale }: Box,
): Promise<Answer> {
  const placed = askedStack(service.library, namedStack(service, names).id, channelOf(request));
  if (!(width > 0 && height > 0 && scale > 0 && Number.isFinite(scale))) throw noSize({ x, y, width, height, scale });
  // Render's pixels are samples at their upper left corners: so that its pictures and ours lie over each other.
  const shift = 0.5 - 0.5 / scale;
  const [minX, minY] = [x + shift, y + shift];
  const rect = { minX, minY, maxX: minX + width, maxY: minY + height };
  const look = lookOf(kind, request);
  const env = { kernels: service.kernels, signal: request.signal };
  const rendered = await renderBox(
    service.library,
    placed,
    { section: numberOf(names, 'z'), rect, scale, ...look },
    env,
  );
  return pictureAnswer(kind, rendered, request, env);
}

const noSize = ({ x, y, width, height, scale }: Box): LamellaError =>
  new LamellaError('invalid-input', `A box of ${width} x ${height} at ${x}, ${y} and scale ${scale} has no size.`, {
    hint: 'Give a width, a height and a scale above 0.',
    fields: { width, height, scale },
  });

function tileAnswer(kind: Kind, part: TilePart): Handler {
  return async (service, names, request) => {
    const placed = askedStack(service.library, namedStack(service, names).id, channelOf(request));
    const tile = tileNamed(service.library, placed, names['tile'] ?? '');
    const env = { kernels: service.kernels, signal: request.signal };
    const look = { ...lookOf(kind, request), scale: scaleOf(request) };
    const rendered = await tilePicture(service.library, placed, tile, part, look, env);
    return pictureAnswer(kind, rendered, request, env);
  };
}

async function pictureAnswer(kind: Kind, rendered: BoxPixels, request: Request, env: RenderEnv): Promise<Answer> {
  const [format, , type] = kinds[kind];
  const body = await encodePicture(rendered, { format, quality: qualityOf(request) }, env);
  const said = rendered.problems.length > 0 && {
    'x-lamella-problems': encodeURI([...rendered.problems.join('; ')].slice(0, 2000).join('')),
  };
  return { status: 200, type, body, headers: { 'x-lamella-covered-pixels': String(rendered.coveredPx), ...said } };
}

function tileCount(service: ServedRender, names: Names): Answer {
  const placed = askedStack(service.library, namedStack(service, names).id, '');
  const [minX, minY] = [numberOf(names, 'x'), numberOf(names, 'y')];
  const rect = { minX, minY, maxX: minX + numberOf(names, 'width'), maxY: minY + numberOf(names, 'height') };
  return json(placed.touching(numberOf(names, 'z'), rect).length);
}

/** What Render would draw otherwise for; a client that asks for them must not take our picture for that. */
const notDrawn = [
  'binaryMask',
  'convertToGray',
  'excludeAllTransforms',
  'excludeFirstTransformAndAllAfter',
  'excludeMask',
  'excludeTransformsAfterLast',
  'filter',
  'filterListName',
  'maxIntensity',
  'minIntensity',
  'normalizeForMatching',
];

/** As Render draws, unless `?blend=feather` or `?blend=nearest-centre` asks for seams that fade. */
function lookOf(kind: Kind, { query }: Request): Pick<BoxRequest, 'blend' | 'levels'> {
  const asked = notDrawn.find((name) => !['false', null].includes(query.get(name)));
  if (asked !== undefined) {
    throw new LamellaError('invalid-input', `Pictures with ${asked} are not served.`, {
      hint: 'Leave it out (of render-python: normalizeForMatching=False), or ask for the tile as it was taken: /tile/{t}/source/png-image.',
      fields: { field: asked },
    });
  }
  const blend = tileBlendSchema.safeParse(query.get('blend') ?? 'top');
  if (blend.success) return { blend: blend.data, levels: kinds[kind][1] };
  throw new LamellaError('invalid-input', `There is no blend "${query.get('blend')}".`, {
    hint: 'There are top, feather and nearest-centre.',
    fields: { blend: query.get('blend') },
  });
}

const channelOf = ({ query }: Request): string => query.get('channels') ?? query.get('channel') ?? '';

const scaleOf = ({ query }: Request): number => numberOf({ scale: query.get('scale') ?? '1' }, 'scale');

/** Render's quality is 0 to 1. */
function qualityOf({ query }: Request): number {
  const quality = numberOf({ quality: query.get('quality') ?? '0.85' }, 'quality');
  if (quality >= 0 && quality <= 1) return Math.max(1, Math.round(100 * quality));
  throw new LamellaError('invalid-input', `A quality of ${quality} is none.`, {
    hint: 'Give 0 (smallest) to 1 (best), as Render does; 0.85 where it is left out.',
    fields: { quality },
  });
}

const noSection = (section: number): LamellaError =>
  new LamellaError('not-found', `The stack has no tile of section ${section} to draw.`, {
    hint: 'zValues lists its sections.',
    fields: { section },
  });
