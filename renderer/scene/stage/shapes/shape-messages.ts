import type { MeshManifest } from '../../../../preload/contract/shape.ts';

/** Between the drawing worker, which decides what shapes are needed, and the window, which asks the engine. */

export interface FragmentAddress {
  readonly key: string;
  readonly level: number;
  readonly box: number;
}

export type ShapeAsk =
  | { readonly t: 'manifests'; readonly ask: number; readonly shape: string; readonly keys: readonly string[] }
  | {
      readonly t: 'fragments';
      readonly ask: number;
      readonly shape: string;
      readonly fragments: readonly FragmentAddress[];
    }
  | { readonly t: 'skeletons'; readonly ask: number; readonly shape: string; readonly keys: readonly string[] }
  | { readonly t: 'cancel'; readonly ask: number };

export type ShapeAnswer =
  | {
      readonly t: 'manifests';
      readonly ask: number;
      readonly manifests: readonly MeshManifest[];
      readonly failed: ReadonlyArray<{ readonly key: string; readonly message: string }>;
    }
  | {
      readonly t: 'fragment';
      readonly ask: number;
      readonly at: FragmentAddress;
      readonly positionsNm: Float32Array<ArrayBuffer>;
      readonly indices: Uint32Array<ArrayBuffer>;
      readonly failed: string;
    }
  | {
      readonly t: 'skeleton';
      readonly ask: number;
      readonly key: string;
      readonly positionsNm: Float32Array<ArrayBuffer>;
      readonly radiiNm: Float32Array<ArrayBuffer>;
      readonly edges: Uint32Array<ArrayBuffer>;
      readonly failed: string;
    }
  | { readonly t: 'over'; readonly ask: number; readonly outcome: 'done' | 'offline' | 'failed' };
