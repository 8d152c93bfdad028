import { originSchema } from '../../../preload/contract/bridge.ts';
import { isLamellaError } from '../../../preload/contract/errors.ts';
import { isJobOver, type Job } from '../../../preload/contract/job.ts';
import { bridge, engine } from '../../engine.ts';
import { useJobs } from '../jobs.ts';
import { changed, openLibraryId } from '../library.ts';
import type { SourceToAdd } from './import-layers.ts';

/** Adds what a state refers to and the library lacks. Answers with what could not be added, a line each. */
export async function addSources(
  sources: readonly SourceToAdd[],
  onSource: (name: string) => void,
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const source of sources) {
    onSource(source.name);
    const note = await added(source);
    if (note !== null) notes.push(`Layer "${source.name}": ${note}`);
  }
  if (sources.length > 0) await changed();
  return notes;
}

/** Null where all is well. A server of this computer is asked for in the shell's own dialog. */
async function added(source: SourceToAdd): Promise<string | null> {
  try {
    await add(source, false);
    return null;
  } catch (error) {
    const origin = isLamellaError(error, 'forbidden') ? originOf(source.text) : null;
    if (origin === null || !(await bridge.allowServer(origin))) return words(error);
  }
  try {
    await add(source, true);
    return null;
  } catch (error) {
    return words(error);
  }
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The origin that an address is of, where it can be allowed; else null. */
export function originOf(text: string): string | null {
  try {
    const { origin } = new URL(/https?:\/\/[^\s|]+/i.exec(text)?.[0] ?? '');
    return originSchema.safeParse(origin).success ? origin : null;
  } catch {
    return null;
  }
}

/** Throws the engine's error, and what a job ends with. */
async function add({ kind, text, as }: SourceToAdd, allowPrivate: boolean): Promise<void> {
  const library = openLibraryId();
  if (kind !== 'volume') {
    await engine().shape.add({ library, source: text, allowPrivate });
    return;
  }
  const kindOf = as === 'segmentation' ? { kind: as } : {};
  // A look first: it says at once what is wrong with an address, and whether the server may be asked.
  await engine().volume.describe({ source: text, allowPrivate });
  const { job } = await engine().volume.add({ library, source: text, pyramid: 'auto', allowPrivate, ...kindOf });
  const ended = await jobOver(job);
  if (ended.state === 'done' || ended.state === 'done-with-warnings') return;
  throw new Error(ended.error?.message ?? `adding it was ${ended.state}`);
}

function jobOver(id: string): Promise<Job> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const job = useJobs.getState().jobs[id];
      if (!job || !isJobOver(job.state)) return false;
      resolve(job);
      return true;
    };
    if (look()) return;
    const stop = useJobs.subscribe(() => look() && stop());
  });
}
