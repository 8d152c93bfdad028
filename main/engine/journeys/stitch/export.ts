import { createHash } from 'node:crypto';
import type { LibraryStore } from '../../store/library-store.ts';
import { refuseToOverwrite } from '../../store/output-file.ts';
import { exportedText } from '../../stacks/export-stack.ts';
import { stackRow } from '../../stacks/stack-rows.ts';
import { writeFileDurably } from '../../targets/folder.ts';

export interface Exported {
  readonly file: string;
  readonly tiles: number;
  readonly sha256: string;
}

/** Writes the placements of a stack as Render tilespecs, whole or not at all. Never over a file of the source. */
export async function exportStack(library: LibraryStore, stackId: string, out: string): Promise<Exported> {
  const { read } = library;
  const stack = stackRow(read, stackId);
  refuseToOverwrite(library, out, '.json');
  const { text, tiles } = exportedText(read, { ...stack, title: '', voxelSizeNm: [1, 1, 1] }, 'render');
  const bytes = new TextEncoder().encode(text);
  await writeFileDurably(out, [bytes]);
  return { file: out, tiles, sha256: createHash('sha256').update(bytes).digest('hex') };
}
