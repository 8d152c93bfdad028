import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { tasks } from '../../../../native-workers/tasks.ts';
import type { balanceModelSchema } from '../../../../preload/contract/intensity.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { Correction } from '../../stacks/intensity-rows.ts';
import { comparedBySection, type ComparedPair, correctedPlace } from './compare.ts';
import type { Corrections } from './corrections.ts';
import { f64Bytes, floatsOf, packed } from './floats.ts';
import type { LitTile } from './lit-tiles.ts';

export interface BalanceHeader {
  readonly bodies: number;
  readonly columns: number;
  readonly rows: number;
  readonly model: z.output<typeof balanceModelSchema>;
}

export interface Balanced {
  readonly gain: string;
  readonly offset: string;
  readonly held: number;
}

/** A call of `balance-light`; `places` are its rows. */
export function balanceUnit(
  job: JobRun,
  subject: string,
  header: BalanceHeader,
  places: readonly number[],
): Unit<Balanced> {
  const bytes = f64Bytes(places);
  const digest = createHash('sha256').update(bytes).digest('hex');
  return {
    key: unitKey('balance-light', tasks['balance-light'].version, header, digest),
    subject,
    run: async (signal) => {
      const { header: about, outputs } = await job.kernels.run('balance-light', header, { inputs: [bytes], signal });
      return { gain: packed(outputs[0]), offset: packed(outputs[1]), held: about.held };
    },
  };
}

/** The correction of one body of a call. */
export function correctionOf({ columns, rows }: BalanceHeader, balanced: Balanced, body: number): Correction {
  const part = (text: string): Float32Array => floatsOf(text).slice(body * columns * rows, (body + 1) * columns * rows);
  return { columns, rows, gain: part(balanced.gain), offset: part(balanced.offset) };
}

/** Makes the tiles of each section alike where they overlap. */
export async function balanceSections(
  job: JobRun,
  sections: ReadonlyMap<number, readonly LitTile[]>,
  compared: readonly ComparedPair[],
  corrections: Corrections,
  { model, nodes }: { readonly model: BalanceHeader['model']; readonly nodes: number },
): Promise<void> {
  const ofSection = comparedBySection(compared);
  const work = [...sections].map(([section, tiles]) => {
    const header: BalanceHeader = { bodies: tiles.length, columns: nodes, rows: nodes, model };
    const number = new Map(tiles.map(({ id }, i) => [id, i]));
    const places = (ofSection.get(section) ?? []).flatMap((one) => {
      const bodies = [number.get(one.pair.a.id) ?? 0, number.get(one.pair.b.id) ?? 0];
      return one.places.flatMap((place) => {
        const { means, sds } = correctedPlace(one, place, corrections);
        return [...bodies, ...place.a, ...place.b, ...means, ...sds, place.weight];
      });
    });
    return { section, tiles, header, places };
  });
  const found = await job.stage<Balanced>({
    name: 'Balancing tiles',
    unit: 'sections',
    units: work.map(({ section, header, places }) => balanceUnit(job, `section ${section}`, header, places)),
  });
  work.forEach(({ section, tiles, header }, i) => {
    const balanced = found[i];
    if (!balanced) return;
    tiles.forEach(({ id }, body) => corrections.follow(id, correctionOf(header, balanced, body)));
    if (balanced.held > 0)
      job.warn({ subject: `section ${section}`, message: `${balanced.held} gains were held within 0.2 to 5.` });
  });
}
