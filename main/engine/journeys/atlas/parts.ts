import { basename } from 'node:path';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Atlas, atlasProcedures } from '../../../../preload/contract/atlas.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { readBrainGlobe } from '../../atlases/brainglobe.ts';
import { type Ontology, readOntology } from '../../formats/ontology.ts';
import { readWholeFile } from '../../sources/whole-file.ts';

export type ImportInput = Omit<ParsedOf<typeof atlasProcedures.import>, 'library'>;

/** What an atlas is made of: volumes are ids, paths or addresses. */
export interface AtlasParts {
  /** null: as the annotation is called. */
  readonly name: string | null;
  readonly kind: Atlas['kind'];
  readonly citation: string;
  readonly annotation: string;
  readonly template: string | null;
  readonly hemispheres: string | null;
  /** Of all that are added; null where each says its own. */
  readonly voxelSizeNm: Vec3 | null;
  readonly orientation: string | null;
  readonly ontology: Ontology;
  readonly ontologyFile: string;
}

/** Throws 'invalid-input' where neither a folder nor annotation and ontology are given, and what reading them throws. */
export async function atlasParts(input: ImportInput): Promise<AtlasParts> {
  const { source, annotation, ontology } = input;
  if (source !== undefined && annotation === undefined && ontology === undefined) return brainGlobeParts(source, input);
  if (source !== undefined || annotation === undefined || ontology === undefined)
    throw new LamellaError('invalid-input', 'An atlas is a BrainGlobe folder, or an annotation and an ontology.', {
      hint: 'Give --source FOLDER alone, or both --annotation and --ontology.',
    });
  const read = await ontologyAt(ontology);
  return {
    name: input.name ?? null,
    kind: read.kind,
    citation: '',
    annotation,
    template: input.template ?? null,
    hemispheres: null,
    voxelSizeNm: input.voxelSizeNm ?? null,
    orientation: input.orientation ?? null,
    ontology: read,
    ontologyFile: basename(ontology),
  };
}

async function brainGlobeParts(folder: string, input: ImportInput): Promise<AtlasParts> {
  const atlas = await readBrainGlobe(folder);
  return {
    ...atlas,
    name: input.name ?? atlas.name,
    kind: 'brainglobe',
    template: input.template ?? atlas.template,
    voxelSizeNm: input.voxelSizeNm ?? atlas.voxelSizeNm,
    orientation: input.orientation ?? atlas.orientation,
    ontology: await ontologyAt(atlas.ontology),
    ontologyFile: basename(atlas.ontology),
  };
}

/** What the folder of a BrainGlobe atlas holds. Throws as reading its files does. */
export async function describeFolder(folder: string): Promise<OutputOf<typeof atlasProcedures.describe>> {
  const atlas = await readBrainGlobe(folder);
  const { entries } = await ontologyAt(atlas.ontology);
  const { name, citation, voxelSizeNm, orientation } = atlas;
  const named = (file: string | null): string | null => (file === null ? null : basename(file));
  return {
    ...{ name, citation, voxelSizeNm, orientation },
    annotation: basename(atlas.annotation),
    template: named(atlas.template),
    hemispheres: named(atlas.hemispheres),
    regions: entries.length,
  };
}

const mostBytes = 64 * 2 ** 20;

const ontologyAt = async (file: string): Promise<Ontology> =>
  readOntology(await readWholeFile(file, mostBytes, 'a JSON, CSV or text file'), basename(file));
