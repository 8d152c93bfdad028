import { basename } from 'node:path';
import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
import { receiptSchema, type Receipt } from '../../../preload/contract/publish.ts';
import { kernelCodec } from '../jobs/kernel-codec.ts';
import { openFolderSource } from '../sources/folder.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { targets } from '../targets/index.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import type { Call, HandlersOf } from './call.ts';
import { objectionTo, refuseInsideLibrary } from './publish/folder.ts';
import { faultOf, readManifest } from './publish/manifest.ts';
import { checkMetadata, readMetadataFile, type CheckedMetadata, type Problem } from './publish/metadata.ts';
import { planPublication, type PublishPlan } from './publish/plan.ts';
import { runPublication } from './publish/run.ts';

export const publishHandlers = (volumes: OpenVolumes): HandlersOf<'publish'> => ({
  plan: async (input, call) => {
    const library = call.library(input.library);
    const out = call.path(input.out);
    const { metadata, problems } = await givenMetadata(input.metadata, call);
    const plan = await planPublication(
      library,
      await volumes.shown(library, input.volume, call.kernels),
      input.format,
      metadata,
      kernelCodec(call.kernels, { lane: 'interactive', signal: call.signal }),
    );
    const target = targets[input.target](openFolderSource(out, basename(out)));
    const files = 1 + (await plan.writer.metadata({})).length;
    const freeBytes = await target.freeBytes();
    const bytesAtMost = plan.bytes + metadataBytesAtMost * files;
    const more = [
      insideLibrary(out, library.folder),
      await taken(objectionTo(target, { volume: input.volume, format: input.format }, plan.isPlanned)),
      tooFull(bytesAtMost, freeBytes),
    ];
    return {
      value: {
        parts: plan.levelParts.reduce((sum, n) => sum + n, 0) + files,
        bytesAtMost,
        freeBytes,
        levels: levelsOf(plan),
        problems: [...problems, ...more.flatMap((p) => p ?? [])],
      },
    };
  },

  start: {
    kind: 'publish.start',
    label: (input) =>
      `Publish ${typeof input.metadata === 'string' ? input.volume : input.metadata.title} as ${input.format}`,
    run: (job, input) => runPublication(volumes, job, input),
  },

  verify: async (input, call) => {
    const receipt = receiptOf(call.library(input.library).read, input.publication);
    const folder = input.folder === undefined ? receipt.out : call.path(input.folder);
    const source = openFolderSource(folder, basename(folder));
    const parts = await readManifest(source, receipt.manifestSha256);
    if (typeof parts === 'string') return { value: { ok: false, parts: 0, problems: [parts] } };
    const problems: string[] = [];
    for (const part of parts) {
      call.signal.throwIfAborted();
      const fault = await faultOf(source, part).catch((error: unknown) =>
        isLamellaError(error) ? error.message : Promise.reject(error),
      );
      if (fault !== null && problems.length < maxProblems) problems.push(`${part.path}: ${fault}`);
    }
    return { value: { ok: problems.length === 0, parts: parts.length, problems } };
  },
});

/** Generous: title, creators and description may take this much in each metadata file. */
const metadataBytesAtMost = 2 ** 16;
const maxProblems = 1000;

async function givenMetadata(given: unknown, call: Call): Promise<CheckedMetadata> {
  if (typeof given !== 'string') return checkMetadata(given);
  try {
    return checkMetadata(await readMetadataFile(call.path(given)));
  } catch (error) {
    if (!isLamellaError(error, 'invalid-input')) throw error;
    return { metadata: null, problems: [{ field: 'metadata', message: error.message }] };
  }
}

const levelsOf = ({ writer, levelParts }: PublishPlan): { key: string; parts: number }[] =>
  writer.plan.levels.map(({ key }, level) => ({ key, parts: levelParts[level] ?? 0 }));

function insideLibrary(out: string, folder: string): Problem | null {
  try {
    refuseInsideLibrary(out, folder);
    return null;
  } catch (error) {
    if (!isLamellaError(error)) throw error;
    return { field: 'out', message: error.message };
  }
}

async function taken(objection: Promise<string | null>): Promise<Problem | null> {
  const found = await objection;
  return found === null ? null : { field: 'out', message: `the folder can't be used: ${found}; choose an empty one` };
}

const tooFull = (needed: number, free: number | null): Problem | null =>
  free === null || free >= needed
    ? null
    : {
        field: 'out',
        message: `the disk has ${free} bytes free, and up to ${needed} are needed: free some space or choose another disk`,
      };

function receiptOf(read: ReadHandle, id: string): Receipt {
  const row = read.get<{ receipt: string }>('SELECT receipt FROM publication WHERE id = ? AND removed = 0', id);
  if (row) return receiptSchema.parse(JSON.parse(row.receipt));
  throw new LamellaError('not-found', `There is no publication ${id} in this library.`, {
    hint: 'List the publications with library info.',
    fields: { publication: id },
  });
}
