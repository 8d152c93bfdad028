import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The decoder's code. What is built has it inside: see `dracoInside` of tools/vite-targets.ts, which stands in for this file. */
export const dracoWasm = (): Uint8Array =>
  readFileSync(createRequire(import.meta.url).resolve('draco3d/draco_decoder.wasm'));
