import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { TileSpec } from '../formats/render-fields.ts';
import {
  looksLikeRenderTilespecs,
  maxJsonBytes,
  parseSharedTransforms,
  type RenderLayout,
  renderTilespecSteps,
  tilespecSteps,
} from '../formats/render-tilespec.ts';
import { looksLikeTileConfiguration, tileConfigurationSteps } from '../formats/tile-configuration.ts';
import type { Steps } from '../formats/steps.ts';
import { inTurns } from '../jobs/in-turns.ts';
import { looksLikeTrakem2, parseTrakem2 } from '../formats/trakem2/read.ts';
import { statFile } from './source-files.ts';

/** What stack versions are read from: Render's JSON, a TrakEM2 project, Fiji's TileConfiguration. */
export interface StackFile extends RenderLayout {
  readonly format: 'render' | 'trakem2' | 'tiles';
}

/** Reads a file of placed tiles, whatever its kind. `transformsFile`: Render's shared transforms, where they lie apart. */
export async function readStackFile(path: string, transformsFile?: string): Promise<StackFile> {
  const [text, name] = [await textOf(path), basename(path)];
  const head = text.slice(0, 65_536);
  if (looksLikeTrakem2(head)) {
    const { specs, warnings } = parseTrakem2(text, name);
    const layout = await inTurns(tilespecSteps(specs, new Map(), name));
    return { ...layout, warnings: [...warnings, ...layout.warnings], format: 'trakem2' };
  }
  if (looksLikeRenderTilespecs(head)) {
    const others =
      transformsFile === undefined
        ? undefined
        : parseSharedTransforms(await textOf(transformsFile), basename(transformsFile));
    return { ...(await inTurns(renderTilespecSteps(text, name, others))), format: 'render' };
  }
  if (looksLikeTileConfiguration(head)) return { ...(await inTurns(configurationSteps(text, name))), format: 'tiles' };
  throw new LamellaError('bad-layout', `${name} holds no placed tiles that Lamella can read.`, {
    hint: "Give Render's tilespecs (JSON), a TrakEM2 project (XML) or a TileConfiguration.txt.",
    fields: { file: name },
  });
}

function* configurationSteps(text: string, name: string): Steps<RenderLayout> {
  const { tiles, warnings } = yield* tileConfigurationSteps(text, name);
  const specs = tiles.map(({ name: tileId, section, xPx, yPx }): TileSpec => ({
    tileId,
    z: section,
    mipmapLevels: { '0': { imageUrl: tileId } },
    transforms: {
      type: 'list',
      specList: [
        { type: 'leaf', className: 'mpicbg.trakem2.transform.TranslationModel2D', dataString: `${xPx} ${yPx}` },
      ],
    },
  }));
  const layout = yield* tilespecSteps(specs, new Map(), name);
  return { ...layout, warnings: [...warnings, ...layout.warnings] };
}

async function textOf(path: string): Promise<string> {
  const file = basename(path);
  const { size } = statFile(path) ?? {};
  if (size === undefined)
    throw new LamellaError('not-found', `There is no file ${path}.`, {
      hint: 'Check the path; a disk or network share may have to be connected.',
      fields: { file: path },
    });
  if (size > maxJsonBytes)
    throw new LamellaError('over-budget', `${file} has ${size} bytes; at most ${maxJsonBytes} are read at once.`, {
      hint: 'Split it into one file a section.',
      fields: { file, bytes: size },
    });
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new LamellaError('bad-source', `${file} cannot be read.`, {
      hint: 'Check that you may read it.',
      fields: { file },
      cause,
    });
  }
}
