import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../formats/mutate.ts';
import { makeTexture, type Texture } from './acquisition.ts';
import { encodePng } from './png.ts';

/**
 * What goes wrong with one tile. `jump` and `lamp` last: the stage stays where it jumped to, the lamp as bright as it
 * became; `stray` shows another place once.
 */
export type Fault =
  | { readonly kind: 'defocus' | 'saturation' | 'charging' | 'blank' | 'missing' | 'streaks' | 'stray' }
  | { readonly kind: 'jump'; readonly byPx: readonly [number, number] }
  | { readonly kind: 'lamp'; readonly factor: number };

export interface Shot {
  readonly section: number;
  readonly row: number;
  readonly col: number;
}

export interface ScopeRequest {
  readonly folder: string;
  readonly rows: number;
  readonly cols: number;
  readonly tilePx?: number;
  readonly overlapPx?: number;
  /** Half width of the even distribution of stage errors. */
  readonly errorPx?: number;
  readonly seed?: number;
  /** Grey levels that the tissue is brighter by at a place, pixels of the stage. */
  readonly tissue?: (x: number, y: number) => number;
  readonly faults?: (shot: Shot) => Fault | undefined;
}

const nameOf = ({ section, row, col }: Shot): string => `s${section}_r${row}_c${col}.png`;

/** A microscope that is simulated, and files that are real: it scans in serpentines and writes as microscopes do. */
export class Microscope {
  readonly #request: Required<ScopeRequest>;
  readonly #random: () => number;
  readonly #textures = new Map<number, Texture>();
  #jumped: readonly [number, number] = [0, 0];
  #lamp = 1;

  constructor(request: ScopeRequest) {
    this.#request = {
      tilePx: 160,
      overlapPx: 48,
      errorPx: 2,
      seed: 7,
      faults: () => undefined,
      tissue: () => 0,
      ...request,
    };
    this.#random = seededRandom(this.#request.seed);
    mkdirSync(request.folder, { recursive: true });
  }

  /** All tiles of a section, in the order in which the stage goes. */
  shots(section = 0): readonly Shot[] {
    const { rows, cols } = this.#request;
    return Array.from({ length: rows * cols }, (_, i) => {
      const row = Math.floor(i / cols);
      return { section, row, col: row % 2 === 0 ? i % cols : cols - 1 - (i % cols) };
    });
  }

  pathOf(shot: Shot): string {
    return join(this.#request.folder, nameOf(shot));
  }

  /** Takes a picture, with its fault; null for one that the microscope leaves out. */
  take(shot: Shot, fault = this.#request.faults(shot)): Uint8Array | null {
    const { tilePx, overlapPx, errorPx } = this.#request;
    if (fault?.kind === 'jump') this.#jumped = [this.#jumped[0] + fault.byPx[0], this.#jumped[1] + fault.byPx[1]];
    if (fault?.kind === 'lamp') this.#lamp *= fault.factor;
    const error = (): number => errorPx * (2 * this.#random() - 1);
    const [left, top] = [shot.col, shot.row].map(
      (at, axis) => 60 + at * (tilePx - overlapPx) + (this.#jumped[axis] ?? 0) + error(),
    );
    if (fault?.kind === 'missing') return null;
    const texture = this.#texture(fault?.kind === 'stray' ? shot.section + 500 : shot.section);
    const at = (x: number, y: number): number => texture.at((left ?? 0) + x, (top ?? 0) + y);
    const { tissue } = this.#request;
    const lit = (x: number, y: number): number =>
      this.#lamp * (this.#grey(at, x, y, fault) + tissue((left ?? 0) + x, (top ?? 0) + y));
    const pixels = new Uint8Array(tilePx * tilePx);
    for (let y = 0; y < tilePx; y++) {
      const streak = fault?.kind === 'streaks' ? 14 * (2 * this.#random() - 1) : 0;
      for (let x = 0; x < tilePx; x++)
        pixels[y * tilePx + x] = Math.min(255, Math.max(0, Math.round(lit(x, y) + streak)));
    }
    return encodePng({ width: tilePx, height: tilePx, pixels });
  }

  /** Writes a picture at once. */
  write(shot: Shot, fault?: Fault): void {
    const picture = this.take(shot, fault);
    if (picture) this.#put(shot, picture);
  }

  /** Writes in pieces with pauses, as a slow disk does. */
  async writeSlowly(shot: Shot, pauseMs: number, pieces = 3): Promise<void> {
    const picture = this.take(shot);
    if (!picture) return;
    const size = Math.ceil(picture.byteLength / pieces);
    this.#put(shot, picture.subarray(0, size));
    for (let at = size; at < picture.byteLength; at += size) {
      await sleep(pauseMs);
      appendFileSync(this.pathOf(shot), picture.subarray(at, at + size));
    }
  }

  /** Writes under another name and renames, as careful programs do. */
  async writeAside(shot: Shot, pauseMs: number): Promise<void> {
    const picture = this.take(shot);
    if (!picture) return;
    const aside = `${this.pathOf(shot)}.tmp`;
    writeFileSync(aside, picture);
    await sleep(pauseMs);
    renameSync(aside, this.pathOf(shot));
  }

  #put(shot: Shot, bytes: Uint8Array): void {
    mkdirSync(dirname(this.pathOf(shot)), { recursive: true });
    writeFileSync(this.pathOf(shot), bytes);
  }

  #texture(section: number): Texture {
    const { rows, cols, tilePx, overlapPx, seed } = this.#request;
    const side = 120 + Math.max(rows, cols) * (tilePx - overlapPx) + tilePx;
    const made = this.#textures.get(section) ?? makeTexture(side, seed * 1000 + section);
    this.#textures.set(section, made);
    return made;
  }

  #grey(at: (x: number, y: number) => number, x: number, y: number, fault: Fault | undefined): number {
    const noise = 5 * (this.#random() - 0.5);
    switch (fault?.kind) {
      case 'blank':
        return 128 + noise;
      case 'defocus': {
        let sum = 0;
        for (let j = -4; j <= 4; j += 2) for (let i = -4; i <= 4; i += 2) sum += at(x + i, y + j);
        return 128 + (28 * sum) / 25 + noise;
      }
      case 'saturation':
        return 215 + 60 * at(x, y) + noise;
      case 'charging':
        return 100 + 28 * at(x, y) + 110 * Math.exp(-y / 40) + noise;
      case 'jump':
      case 'lamp':
      case 'missing':
      case 'streaks':
      case 'stray':
      case undefined:
        return 128 + 28 * at(x, y) + noise;
    }
  }
}
