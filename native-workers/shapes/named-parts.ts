import type { BuiltMesh, MeshBuilder } from './mesh-builder.ts';
import { mostObjects } from './parse-result.ts';
import { tooLarge } from './shape-errors.ts';

/**
 * Triangles of one builder as parts with names, in the order of the file. Triangles before the first name are a part too.
 * An object may be begun again: then its parts count as two. Names that no triangle follows take no memory.
 */
export class NamedParts {
  readonly #builder: MeshBuilder;
  readonly #starts: { readonly name: string; readonly from: number }[] = [];
  #named = false;

  constructor(builder: MeshBuilder) {
    this.#builder = builder;
  }

  /** Whether no part was begun. */
  get isEmpty(): boolean {
    return !this.#named;
  }

  begin(name: string): void {
    const from = this.#builder.triangles;
    if (!this.#named && from > 0) this.#starts.push({ name: '', from: 0 });
    this.#named = true;
    if (this.#starts.at(-1)?.from === from) this.#starts.pop();
    // One more than are allowed is enough to tell.
    if (this.#starts.length <= mostObjects) this.#starts.push({ name, from });
  }

  build(file: string): readonly BuiltMesh[] {
    const { triangles } = this.#builder;
    const starts = this.#named ? this.#starts : [{ name: '', from: 0 }];
    const filled = starts.filter(({ from }) => from < triangles);
    if (filled.length > mostObjects) throw tooLarge(file, `over ${mostObjects} objects`);
    return filled.map(({ name, from }, i) => this.#builder.build(name, from, filled[i + 1]?.from ?? triangles));
  }
}
