import { randomBytes } from 'node:crypto';
import type { Annotation } from '../../../../preload/contract/annotation.ts';
import type { ParsedOf } from '../../../../preload/contract/define.ts';
import type { registerProcedures } from '../../../../preload/contract/register.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { RegistrationRoom } from '../../registrations/chain-of.ts';
import { openWay } from '../../registrations/open-led-shapes.ts';
import { annotationRow, annotationsOf } from '../../store/annotations.ts';
import { volumeById } from '../../store/volume-rows.ts';
import { wayOnto } from './lead-shapes.ts';

type Input = ParsedOf<typeof registerProcedures.annotations>;

/** Copies the points and lines of a volume to where they lie in the other; those that lead nowhere are named, not made. */
export async function leadAnnotations(room: RegistrationRoom, input: Input) {
  const { library, signal } = room;
  const between = wayOnto(room, input.registration, input.onto);
  const annotations = annotationsOf(library.read, input.volume ?? between.from);
  const to = input.to ?? between.to;
  const { volume } = volumeById(library.read, to);
  const points = Float64Array.from(annotations.flatMap(({ pointsNm }) => pointsNm.flat()));
  const way = await openWay(room, between);
  try {
    await way.lead(points, signal);
  } finally {
    await way.close();
  }
  const [made, lost]: [Annotation[], string[]] = [[], []];
  const at = new Date().toISOString();
  let next = 0;
  for (const annotation of annotations) {
    const pointsNm = annotation.pointsNm.map((_, n): Vec3 => {
      const p = 3 * (next + n);
      return [points[p]!, points[p + 1]!, points[p + 2]!];
    });
    next += pointsNm.length;
    if (!pointsNm.flat().every(Number.isFinite)) lost.push(annotation.id);
    else
      made.push({
        ...annotation,
        ...{ id: `annotation-${randomBytes(6).toString('hex')}`, volume: to, pointsNm, createdAt: at, updatedAt: at },
      });
  }
  if (made.length > 0)
    library.edit(`Bring ${made.length} annotations to ${volume.name}`, (tx) => {
      for (const annotation of made) tx.put('annotation', annotationRow(annotation));
    });
  return { annotations: made, lost };
}
