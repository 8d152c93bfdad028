import { LamellaError } from '../../../../preload/contract/errors.ts';
import { sectionIdOf } from '../../formats/render-fields.ts';
import { json } from '../../loopback/http-answer.ts';
import type { RenderService } from './named-stack.ts';
import type { Names, Route } from '../../loopback/routes.ts';
import { specsOf } from './spec-routes.ts';

const stackPath = '/v1/owner/{owner}/project/{project}/stack/{stack}';

/** Sections by the name that the microscope gave them, which other programs know them by. */
export const sectionRoutes: readonly Route<RenderService>[] = [
  { method: 'GET', path: `${stackPath}/sectionData`, answer: (service, names) => json(sectionsOf(service, names)) },
  { method: 'GET', path: `${stackPath}/section/{section}/z`, answer: (service, names) => json(zNamed(service, names)) },
];

/** Render's SectionData; bounds in pixels of the stack. */
interface Section {
  readonly sectionId: string;
  readonly z: number;
  readonly tileCount: number;
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
}

function sectionsOf(service: RenderService, names: Names): readonly Section[] {
  const found = new Map<string, Section>();
  for (const spec of specsOf(service, names)) {
    const [sectionId, z] = [sectionIdOf(spec), Number(spec['z'] ?? 0)];
    const key = JSON.stringify([sectionId, z]);
    const before = found.get(key);
    const edge = (name: 'minX' | 'maxX' | 'minY' | 'maxY', pick: (...values: number[]) => number): number =>
      pick(before?.[name] ?? pick(), Number(spec[name]));
    found.set(key, {
      ...{ sectionId, z, tileCount: (before?.tileCount ?? 0) + 1 },
      ...{ minX: edge('minX', Math.min), maxX: edge('maxX', Math.max) },
      ...{ minY: edge('minY', Math.min), maxY: edge('maxY', Math.max) },
    });
  }
  return [...found.values()].toSorted((a, b) => a.z - b.z);
}

function zNamed(service: RenderService, names: Names): number {
  const wanted = names['section'] ?? '';
  const found = sectionsOf(service, names).find(({ sectionId }) => sectionId === wanted);
  if (found) return found.z;
  throw new LamellaError('not-found', `The stack has no section "${wanted}".`, {
    hint: 'sectionData lists its sections.',
    fields: { section: wanted },
  });
}
