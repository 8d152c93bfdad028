import { createHash, randomBytes } from 'node:crypto';
import type { Annotation } from '../../../preload/contract/annotation.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { csvOf } from '../formats/csv.ts';
import { annotationById, annotationRow, annotationsOf } from '../store/annotations.ts';
import { refuseToOverwrite } from '../store/output-file.ts';
import { volumeById } from '../store/volume-rows.ts';
import { writeFileDurably } from '../targets/folder.ts';
import type { HandlersOf } from './call.ts';

export const annotateHandlers: HandlersOf<'annotate'> = {
  list: (input, call) => {
    const { read } = call.library(input.library);
    volumeById(read, input.volume);
    return { value: { annotations: annotationsOf(read, input.volume) } };
  },

  add: (input, call) => {
    const library = call.library(input.library);
    volumeById(library.read, input.volume);
    checkPoints(input.kind, input.pointsNm);
    const at = new Date().toISOString();
    const { volume, kind, pointsNm, name, note } = input;
    const annotation: Annotation = {
      id: `annotation-${randomBytes(6).toString('hex')}`,
      volume,
      kind,
      pointsNm,
      name,
      note,
      createdAt: at,
      updatedAt: at,
    };
    library.edit(`Add ${called(annotation)}`, (tx) => tx.put('annotation', annotationRow(annotation)));
    return annotation;
  },

  update: (input, call) => {
    const library = call.library(input.library);
    const before = annotationById(library.read, input.annotation);
    const { pointsNm = before.pointsNm, name = before.name, note = before.note } = input;
    checkPoints(before.kind, pointsNm);
    const after: Annotation = { ...before, pointsNm, name, note, updatedAt: new Date().toISOString() };
    const label = labelOfUpdate(before, after);
    if (label === null) return before;
    library.edit(label, (tx) => tx.put('annotation', annotationRow(after)));
    return after;
  },

  remove: (input, call) => {
    const library = call.library(input.library);
    const annotation = annotationById(library.read, input.annotation);
    library.edit(`Remove ${called(annotation)}`, (tx) => tx.remove('annotation', annotation.id));
    return { removed: true };
  },

  export: async (input, call) => {
    const library = call.library(input.library);
    const { read } = library;
    volumeById(read, input.volume);
    const out = call.path(input.out);
    refuseToOverwrite(library, out, '.csv');
    const annotations = annotationsOf(read, input.volume);
    const bytes = new TextEncoder().encode(csvOf(columns, annotations.map(csvRow)));
    await writeFileDurably(out, [bytes]);
    return {
      value: {
        file: call.refer(out),
        annotations: annotations.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    };
  },
};

const columns = [
  'id',
  'kind',
  'name',
  'note',
  'x1_nm',
  'y1_nm',
  'z1_nm',
  'x2_nm',
  'y2_nm',
  'z2_nm',
  'created_at',
  'updated_at',
];

function csvRow({
  id,
  kind,
  name,
  note,
  pointsNm,
  createdAt,
  updatedAt,
}: Annotation): readonly (string | number | null)[] {
  const [first, second] = pointsNm;
  return [
    id,
    kind,
    name,
    note,
    ...(first ?? [null, null, null]),
    ...(second ?? [null, null, null]),
    createdAt,
    updatedAt,
  ];
}

function checkPoints(kind: Annotation['kind'], points: Annotation['pointsNm']): void {
  const wanted = kind === 'point' ? 1 : 2;
  if (points.length === wanted) return;
  throw new LamellaError(
    'invalid-input',
    `pointsNm: a ${kind} has ${wanted === 1 ? 'one place' : 'two places'}, not ${points.length}.`,
    {
      hint: kind === 'point' ? 'Give [[x, y, z]] in nanometres.' : 'Give [[x, y, z], [x, y, z]] in nanometres.',
      fields: { field: 'pointsNm', kind, points: points.length },
    },
  );
}

const called = ({ kind, name }: Annotation): string => (name === '' ? kind : `${kind} ${name}`);

/** Null where nothing changes, so that no empty step comes into the history. */
function labelOfUpdate(before: Annotation, after: Annotation): string | null {
  const moved = JSON.stringify(before.pointsNm) !== JSON.stringify(after.pointsNm);
  const renamed = before.name !== after.name;
  const noted = before.note !== after.note;
  if (moved && !renamed && !noted) return `Move ${called(after)}`;
  if (renamed && !moved && !noted) return `Rename ${called(before)} to ${after.name === '' ? 'nothing' : after.name}`;
  if (noted && !moved && !renamed) return `Change the note of ${called(after)}`;
  return moved || renamed || noted ? `Change ${called(after)}` : null;
}
