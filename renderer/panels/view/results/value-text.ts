import { measureWords, type Measure } from '../../../state/region-numbers.ts';
import { formatNumber } from '../../../ui/format.ts';

/** `143 per mm³` */
export function valueText(value: number, measure: Measure): string {
  const { unit } = measureWords[measure];
  return `${formatNumber(value)}${unit === '' ? '' : ` ${unit}`}`;
}
