import { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { jsonSteps } from './json-steps.ts';
import { atOnce, type Steps } from './steps.ts';

/** Points that two tiles both show, as Render's CanvasMatches has them; coordinates of the tiles' own pixels, or of where their lens leads these. */
export interface CanvasMatches {
  readonly pGroupId: string;
  readonly pId: string;
  readonly qGroupId: string;
  readonly qId: string;
  readonly matches: {
    /** [all x, all y] */
    readonly p: readonly [readonly number[], readonly number[]];
    readonly q: readonly [readonly number[], readonly number[]];
    readonly w: readonly number[];
  };
}

const numbers = z.array(z.number());
const side = z.tuple([numbers, numbers]);
const canvasMatchesSchema = z
  .object({
    pGroupId: z.string(),
    pId: z.string(),
    qGroupId: z.string(),
    qId: z.string(),
    matches: z.object({ p: side, q: side, w: z.array(z.number().min(0)) }),
  })
  .refine(
    ({ matches: { p, q, w } }) => [...p, ...q].every((one) => one.length === w.length),
    'as many x, y and weights on both sides',
  );

/** Reads a list of CanvasMatches; 'bad-source' names the file and the entry. Other fields of an entry are not read. */
export const parseCanvasMatches = (text: string, file: string): readonly CanvasMatches[] =>
  atOnce(canvasMatchSteps(text, file));

/** The same, in steps. */
export function* canvasMatchSteps(text: string, file: string): Steps<readonly CanvasMatches[]> {
  const list = yield* jsonOf(text);
  if (!Array.isArray(list)) throw unreadable(file, 'it is no JSON list');
  const found: CanvasMatches[] = [];
  for (const [i, entry] of list.entries()) {
    const read = canvasMatchesSchema.safeParse(entry);
    if (read.success) found.push(read.data);
    else {
      const [issue] = read.error.issues;
      throw unreadable(file, `entry ${i + 1}: ${[...(issue?.path ?? []), issue?.message].join(' ')}`);
    }
    if (i % 64 === 63) yield;
  }
  return found;
}

export const formatCanvasMatches = (matches: readonly CanvasMatches[]): string =>
  `${JSON.stringify(matches.map((one) => ({ ...one, matchCount: one.matches.w.length })))}\n`;

function* jsonOf(text: string): Steps<unknown> {
  try {
    return yield* jsonSteps(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}

const unreadable = (file: string, why: string): LamellaError =>
  new LamellaError('bad-source', `${file} is not a list of point matches as Render writes them: ${why}.`, {
    hint: 'Export the match collection with its matches, as a JSON list of pGroupId, pId, qGroupId, qId and matches.',
    fields: { file },
  });
