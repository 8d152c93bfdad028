// Peers of which each part has its own environment, since not all of them live with each other's versions.
import { peerPython, type RunPython } from '../bench/peer-python.ts';

/** Runs scripts of this folder with exactly these packages; null, said aloud, where they cannot be installed. */
export async function peerOrSkip(requirements: readonly string[]): Promise<RunPython | null> {
  try {
    return await peerPython(requirements, import.meta.dirname);
  } catch (error) {
    console.warn(`skipped: ${requirements.join(', ')} could not be installed (${String(error).split('\n')[0]})`);
    return null;
  }
}

/** The one JSON document that a script prints; what its packages print beside it is left out. */
export async function jsonOf<T>(run: RunPython, script: string, ...args: readonly string[]): Promise<T> {
  const lines = (await run(script, ...args)).split('\n').filter((line) => /^[[{]/.test(line));
  return JSON.parse(lines.at(-1) ?? 'null') as T;
}
