import { assumedUnit, type Parsed, type ShapeFile } from './parse-result.ts';
import { Scanner } from './scanner.ts';
import { badShape } from './shape-errors.ts';
import { edgesNote, SkeletonBuilder } from './skeleton-builder.ts';

/** What NeuroMorpho and CATMAID write. */
const usualUnitNm = 1000;

/** SWC (Cannon et al. 1998): `id type x y z radius parent` a line; a parent below 0 is a root. Several roots are allowed. */
export function parseSwc(file: ShapeFile): Parsed {
  const unitNm = file.unitNm ?? usualUnitNm;
  const scan = new Scanner(file.bytes, file.beat);
  const builder = new SkeletonBuilder(file.name);
  while (scan.nextLine()) {
    const id = scan.number();
    scan.word();
    const [x, y, z, radius, parent] = [scan.number(), scan.number(), scan.number(), scan.number(), scan.number()];
    if (!Number.isSafeInteger(id) || !Number.isSafeInteger(parent) || Number.isNaN(x + y + z))
      throw badShape(file.name, `line ${scan.line} is no node: id, type, x, y, z, radius and parent, all numbers`);
    builder.node(id, [x * unitNm, y * unitNm, z * unitNm], radius * unitNm, `line ${scan.line}`);
    if (parent >= 0) builder.edge(parent, id);
  }
  const skeleton = builder.build('');
  if (skeleton.points === 0) throw badShape(file.name, 'it has no nodes');
  const assumed = file.unitNm === null ? [assumedUnit('SWC', unitNm, ' (a micrometre)')] : [];
  const notes = [...assumed, ...edgesNote(builder.dropped)];
  return { header: { kind: 'skeleton', unitNm, notes, needs: [] }, shapes: [skeleton] };
}
