import type { MeshManifest } from '../../preload/contract/shape.ts';

/** Between the drawing worker, which decides what shapes are needed, and the window, which asks the engine. */

export interface FragmentAddress {
  readonly key: string;
  readonly level: number;
  readonly box: number;
}

export type ShapeAsk =
  /** The first keys of a set, where a layer shows all of it. */
  | { readonly t: 'keys'; readonly ask: number; readonly shape: string; readonly most: number }
  | { readonly t: 'manifests'; readonly ask: number; readonly shape: string; readonly keys: readonly string[] }
  | {
      readonly t: 'fragments';
      readonly ask: number;
      readonly shape: string;
      readonly fragments: readonly FragmentAddress[];
    }
  | { readonly t: 'skeletons'; readonly ask: number; readonly shape: string; readonly keys: readonly string[] }
  | { readonly t: 'cancel'; readonly ask: number }
  /** What came can not be drawn, or not all of it: a sentence for the user. */
  | { readonly t: 'refused'; readonly shape: string; readonly key: string; readonly message: string };

export type ShapeOutcome = 'done' | 'offline' | 'failed';

export type ShapeAnswer =
  | { readonly t: 'keys'; readonly ask: number; readonly keys: readonly string[] }
  | {
      readonly t: 'manifests';
      readonly ask: number;
      readonly manifests: readonly MeshManifest[];
      readonly failed: readonly string[];
    }
  | {
      readonly t: 'fragment';
      readonly ask: number;
      readonly at: FragmentAddress;
      readonly positionsNm: Float32Array<ArrayBuffer>;
      readonly indices: Uint32Array<ArrayBuffer>;
      readonly failed: boolean;
    }
  | {
      readonly t: 'skeleton';
      readonly ask: number;
      readonly key: string;
      readonly positionsNm: Float32Array<ArrayBuffer>;
      readonly radiiNm: Float32Array<ArrayBuffer>;
      readonly edges: Uint32Array<ArrayBuffer>;
      readonly failed: boolean;
    }
  | { readonly t: 'over'; readonly ask: number; readonly outcome: ShapeOutcome }
  /** The user asks again for what could not be had. */
  | { readonly t: 'again'; readonly shape: string };
