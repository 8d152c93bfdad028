import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { LamellaError } from '../../preload/contract/errors.ts';
import { lengthUnitNm } from './length-unit.ts';
import type { BuiltShape } from './mesh-builder.ts';
import type { Parsed, ShapeFile } from './parse-result.ts';
import { badShape, shown, tooLarge } from './shape-errors.ts';
import { edgesNote, SkeletonBuilder } from './skeleton-builder.ts';

const pieceBytes = 1 << 20;
const mostDepth = 64;
const mostTrees = 100_000;

interface Tree {
  readonly name: string;
  readonly builder: SkeletonBuilder;
}

/**
 * NML of webKnossos and Knossos: `things/thing/{nodes/node, edges/edge}`; each thing is a skeleton. Nodes are voxels of
 * `parameters/scale`, whose unit is the nanometre where it names none; radii are in that unit, as webKnossos draws them.
 */
export function parseNml(file: ShapeFile): Parsed {
  const reader = new NmlReader(file);
  const parser = new SaxesParser();
  let fault: unknown;
  parser.on('error', (error) => (fault ??= error));
  parser.on('opentag', (tag) => reader.open(tag, parser));
  parser.on('closetag', () => reader.close());
  const decoder = new TextDecoder('utf-8');
  for (let at = 0; at < file.bytes.length; at += pieceBytes) {
    file.beat();
    const isLast = at + pieceBytes >= file.bytes.length;
    parser.write(decoder.decode(file.bytes.subarray(at, at + pieceBytes), { stream: !isLast }));
    if (fault) break;
  }
  if (!fault) parser.close();
  if (fault) throw notXml(file.name, fault);
  return reader.parsed();
}

function notXml(file: string, fault: unknown): LamellaError {
  const why = fault instanceof Error ? fault.message.split('\n')[0] : String(fault);
  return badShape(file, `it is not whole XML (${(why ?? '').slice(0, 200).replace(/\.$/, '')})`, fault);
}

class NmlReader {
  readonly #file: ShapeFile;
  readonly #trees: Tree[] = [];
  #depth = 0;
  #isNml = false;
  #scaleNm: readonly [number, number, number] | null = null;
  #radiusNm = 1;

  constructor(file: ShapeFile) {
    this.#file = file;
  }

  open({ name, attributes }: SaxesTagPlain, at: { readonly line: number }): void {
    if (++this.#depth > mostDepth) throw badShape(this.#file.name, `line ${at.line} is nested over ${mostDepth} deep`);
    if (this.#depth === 1) this.#isNml = name === 'things';
    if (!this.#isNml) throw badShape(this.#file.name, `its first element is ${shown(name)}, not "things"`);
    const number = (attribute: string): number => Number(attributes[attribute] || NaN);
    const tree = this.#trees.at(-1);
    if (name === 'scale') this.#scaleNm = this.#scaleOf(number, attributes['unit'] ?? 'nanometer');
    else if (name === 'thing') this.#addTree(attributes);
    else if (name === 'node' && tree) this.#addNode(tree, number, at.line);
    else if (name === 'edge' && tree) tree.builder.edge(number('source'), number('target'));
  }

  close(): void {
    this.#depth -= 1;
  }

  #scaleOf(number: (attribute: string) => number, unit: string): readonly [number, number, number] {
    const unitNm = lengthUnitNm(unit);
    if (unitNm === undefined) throw badShape(this.#file.name, `its scale has the unit ${shown(unit)}`);
    const scale = [number('x') * unitNm, number('y') * unitNm, number('z') * unitNm] as const;
    this.#radiusNm = unitNm;
    if (scale.every((side) => side > 0 && side <= 1e12)) return scale;
    throw badShape(this.#file.name, `its scale is ${scale.join(' x ')} nm`);
  }

  #addTree(attributes: Readonly<Record<string, string>>): void {
    if (this.#trees.length === mostTrees) throw tooLarge(this.#file.name, `over ${mostTrees} trees`);
    const name = (attributes['name'] || `tree ${attributes['id'] ?? this.#trees.length + 1}`).slice(0, 200);
    this.#trees.push({ name, builder: new SkeletonBuilder(this.#file.name) });
  }

  #addNode({ builder }: Tree, number: (attribute: string) => number, line: number): void {
    const [x, y, z] = this.#scale();
    const id = number('id');
    if (!Number.isSafeInteger(id)) throw badShape(this.#file.name, `line ${line} has a node without an id`);
    const nm = [number('x') * x, number('y') * y, number('z') * z] as const;
    builder.node(id, nm, number('radius') * this.#radiusNm, `line ${line}`);
  }

  #scale(): readonly [number, number, number] {
    const unitNm = this.#file.unitNm ?? 1;
    return this.#scaleNm ?? [unitNm, unitNm, unitNm];
  }

  parsed(): Parsed {
    const shapes: BuiltShape[] = this.#trees.map(({ name, builder }) => builder.build(name));
    if (shapes.length === 0) throw badShape(this.#file.name, 'it has no trees');
    const dropped = this.#trees.reduce((sum, { builder }) => sum + builder.dropped, 0);
    const voxel = this.#scale();
    const said = this.#scaleNm
      ? `One voxel is ${voxel.join(' x ')} nm, as the file says.`
      : `The file does not say the size of a voxel: ${voxel[0]} nm is taken. Give the size of a unit where it is another.`;
    const notes = [said, ...edgesNote(dropped)];
    return { header: { kind: 'skeleton', unitNm: voxel[0], notes, needs: [] }, shapes };
  }
}
