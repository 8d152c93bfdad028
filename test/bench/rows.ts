import { demo } from './demo.ts';
import { pair2048, pair512 } from './pair.ts';
import type { BenchRow } from './row.ts';

/** Every row, in the order of the table. */
export const rows: readonly BenchRow[] = [pair512, pair2048, demo];
