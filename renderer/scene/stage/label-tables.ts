import { LabelTable } from './labels/label-table.ts';
import type { DrawnLayer } from './scene-layers.ts';
import type { Source } from './sources.ts';

/** What the atlas holds of a source for one layer: labels are numbered for each layer, and images are shared. */
export interface Page {
  readonly key: string;
  readonly table: LabelTable | null;
}

/** The tables of the layers of labels that are shown. */
export class LabelTables {
  readonly #tables = new Map<string, { readonly name: string; readonly table: LabelTable }>();
  #made = 0;

  /** Keeps the tables of these layers. */
  adopt(layers: readonly DrawnLayer[]): void {
    const shown = new Set(layers.map(({ layer }) => layer.id));
    for (const [id, { table }] of this.#tables) {
      if (shown.has(id)) continue;
      table.dispose();
      this.#tables.delete(id);
    }
    for (const { layer, look } of layers) {
      if (look.kind !== 'labels') continue;
      const { table } = this.#tables.get(layer.id) ?? this.#make(layer.id);
      table.setLook(look.labels);
    }
  }

  #make(id: string): { readonly name: string; readonly table: LabelTable } {
    const made = { name: `#${++this.#made}`, table: new LabelTable() };
    this.#tables.set(id, made);
    return made;
  }

  pageOf({ layer, look }: DrawnLayer, source: Source): Page {
    const entry = look.kind === 'labels' ? this.#tables.get(layer.id) : undefined;
    return entry ? { key: source.key + entry.name, table: entry.table } : { key: source.key, table: null };
  }

  /** After the graphics came back. */
  uploadAgain(): void {
    for (const { table } of this.#tables.values()) table.uploadAgain();
  }
}

/** The key of a brick in memory, from its key in the atlas. */
export const keyInMemory = (key: string): string => key.replace(/#\d+(?=\|)/, '');
