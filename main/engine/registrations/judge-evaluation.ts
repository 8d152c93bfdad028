import type { Registration } from '../../../preload/contract/register.ts';
import type { Evaluation } from '../../../preload/contract/registration-evaluation.ts';

type Found = Omit<Evaluation, 'at' | 'verdict' | 'reasons'>;
type Weight = 'warn' | 'fail';

/** As a part of a voxel: there and back is to be the same place. */
const [mostMean, mostMiss] = [0.1, 0.5];
/** Of samples: fewer folds are a flaw, more are no map. */
const mostFolded = 1e-3;
/** Below these, labels hardly lie on each other, or not at all. */
const [soundDice, leastDice] = [0.5, 0.2];
/** By so much another registration is better. */
const diceMargin = 0.01;
/** Less is chance. */
const gain = 0.001;

/** What speaks against a registration, in sentences. `voxelUm`: how finely it was made. */
export function judgeEvaluation(
  found: Found,
  kind: Registration['kind'],
  voxelUm: number,
): Pick<Evaluation, 'verdict' | 'reasons'> {
  const said: (readonly [Weight, string])[] = [
    ...aboutLevels(found, kind),
    ...aboutMap(found, voxelUm),
    ...aboutDice(found.dice),
    ...aboutLandmarks(found.landmarksUm),
  ];
  const verdict = said.some(([weight]) => weight === 'fail') ? 'fail' : said.length > 0 ? 'warn' : 'pass';
  return { verdict, reasons: said.toSorted(([a], [b]) => (a === b ? 0 : a === 'fail' ? -1 : 1)).map(([, why]) => why) };
}

type Said = readonly (readonly [Weight, string])[];

function aboutLevels(
  { similarityBefore: before, similarityAfter: after, samples }: Found,
  kind: Registration['kind'],
): Said {
  if (samples === 0) return [['fail', 'no part of the moving volume lies in the fixed one']];
  const shares = `the volumes share ${percent(after)} of their information, and ${percent(before)} before`;
  if (after < before - gain) return [['fail', shares]];
  if (kind === 'deformable' && after < before + gain) return [['warn', `${shares}: the deformation gained nothing`]];
  return [];
}

function aboutMap({ jacobian, inverseUm: { mean, most } }: Found, voxelUm: number): Said {
  const said: (readonly [Weight, string])[] = [];
  if (jacobian.folded > 0)
    said.push([
      jacobian.folded > mostFolded ? 'fail' : 'warn',
      `it folds at ${percent(jacobian.folded)} of the samples`,
    ]);
  if (mean > mostMean * voxelUm || most > mostMiss * voxelUm)
    said.push([
      mean > voxelUm ? 'fail' : 'warn',
      `there and back misses by ${number(mean)} um on average, ${number(most)} um at most (a voxel is ${number(voxelUm)} um)`,
    ]);
  return said;
}

function aboutDice(dice: Found['dice']): Said {
  if (!dice) return [];
  if (dice.regions.length === 0) return [['warn', 'the label volumes hold no labels']];
  const mean = `the mean Dice of ${dice.regions.length} labels is ${number(dice.mean)}`;
  const low: Said = dice.mean < leastDice ? [['fail', mean]] : dice.mean < soundDice ? [['warn', mean]] : [];
  const other = dice.against?.mean ?? 0;
  return other > dice.mean + diceMargin
    ? [...low, ['warn', `${mean}, and ${number(other)} of the other registration`]]
    : low;
}

function aboutLandmarks(landmarks: Found['landmarksUm']): Said {
  if (!landmarks) return [];
  const said: (readonly [Weight, string])[] = [];
  const lost = landmarks.each.filter(({ um }) => um === null).length;
  if (lost > 0) said.push(['warn', `${lost} of ${landmarks.each.length} landmarks are led nowhere`]);
  if (landmarks.mean > landmarks.meanBefore)
    said.push([
      'warn',
      `landmarks lie ${number(landmarks.mean)} um apart on average, and ${number(landmarks.meanBefore)} um before`,
    ]);
  return said;
}

export const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
const number = (value: number): string => String(Number(value.toPrecision(3)));
