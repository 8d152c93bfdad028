import type { TileRead } from './read-tile.ts';
import type { Finding } from './judge.ts';

/** What is known of the tiles that came, over and above their rows. */
export interface KnownTile {
  readonly id: number;
  readonly name: string;
  readonly mtimeMs: number;
}

type Size = readonly [number, number];

/** The tiles of a watch by what they are, and what is usual among them. */
export class KnownTiles {
  readonly #byKey = new Map<string, KnownTile>();
  readonly #firstByPixels = new Map<string, string>();
  /** Tiles whose own picture is at fault: they say nothing of their neighbours. */
  readonly #suspect = new Set<number>();
  /** Tiles that matched none of their neighbours: they show another place than they should. */
  readonly #lost = new Set<number>();
  usual: { readonly sizePx: Size; readonly dtype: string } | null = null;

  get(key: string): KnownTile | undefined {
    return this.#byKey.get(key);
  }

  put(key: string, tile: KnownTile, pixelSha256: string, isSuspect: boolean): void {
    this.#byKey.set(key, tile);
    if (pixelSha256 !== '' && !this.#firstByPixels.has(pixelSha256)) this.#firstByPixels.set(pixelSha256, key);
    if (isSuspect) this.#suspect.add(tile.id);
    else this.#suspect.delete(tile.id);
    this.#lost.delete(tile.id);
  }

  markSuspect(tile: number): void {
    this.#suspect.add(tile);
  }

  markLost(tile: number): void {
    this.#lost.add(tile);
  }

  /**
   * Whether a tile can speak of a neighbour. One that is lost still does where the two match, as after a jump of the
   * stage that lasts; that they do not match says nothing of the other.
   */
  isBelieved(tile: number, matches: boolean): boolean {
    return !this.#suspect.has(tile) && (matches || !this.#lost.has(tile));
  }

  /** The name of another tile that has the same pixels; null where none has. */
  sameAs(key: string, pixelSha256: string): string | null {
    const first = this.#firstByPixels.get(pixelSha256);
    return first === undefined || first === key ? null : (this.#byKey.get(first)?.name ?? null);
  }
}

const fault = (kind: Finding['kind'], reason: string): Finding => ({
  kind,
  metric: null,
  value: null,
  low: null,
  high: null,
  reason,
});
const blankFromPart = 0.98;

/** What is wrong with a file, or with it among the others, before anything of it is compared with limits. */
export function faultsOf(read: TileRead, key: string, sizePx: Size, tiles: KnownTiles): readonly Finding[] {
  if (read.state !== 'read')
    return [fault('unreadable', read.state === 'unreadable' ? read.why : 'it could not be read')];
  const { measured } = read;
  const found: Finding[] = [];
  if (measured.truncated)
    found.push(fault('unreadable', `cut short: ${Math.round(100 * measured.decodedFraction)} % of its rows are there`));
  const same = measured.blankness < blankFromPart ? tiles.sameAs(key, measured.pixelSha256) : null;
  if (same !== null)
    found.push(fault('repeated', `repeats the pixels of ${same}: the camera may have missed a trigger`));
  const { usual } = tiles;
  if (usual && (usual.sizePx[0] !== sizePx[0] || usual.sizePx[1] !== sizePx[1]))
    found.push(
      fault('contradiction', `${sizePx.join(' x ')} px where the tiles before have ${usual.sizePx.join(' x ')} px`),
    );
  if (usual && usual.dtype !== measured.dtype)
    found.push(fault('contradiction', `${measured.dtype} where the tiles before are ${usual.dtype}`));
  return found;
}

const advice: Partial<Readonly<Record<Finding['kind'], (name: string) => string>>> = {
  'out-of-focus': (name) => `Focus, and take ${name} again.`,
  blank: (name) => `Look at beam and stage, and take ${name} again.`,
  saturated: (name) => `Lower the gain or the dose, and take ${name} again.`,
  dark: (name) => `Look at beam and gain, and take ${name} again.`,
  brightness: (name) => `Look at the beam; take ${name} again if it stays so.`,
  charging: (name) => `Let the charge go, or lower the dose, and take ${name} again.`,
  streaks: (name) => `Look at the beam and for vibration, and take ${name} again.`,
  'stage-jump': (name) => `Look at the stage, and take ${name} again if its overlap is gone.`,
  'weak-overlap': (name) => `Look at ${name} and its neighbours, and take it again.`,
  missing: (name) => `Take it now: ${name}.`,
  repeated: (name) => `Take ${name} again.`,
  unreadable: (name) => `Take ${name} again, or copy it once more.`,
};

/** The whole reason, as people read it: what is wrong, against what, and what to do while there is time. */
export function toldOf({ kind, reason }: Finding, name: string): string {
  const what = `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}`;
  const todo = advice[kind]?.(name);
  return `${what}${what.endsWith('.') ? '' : '.'}${todo === undefined ? '' : ` ${todo}`}`;
}
