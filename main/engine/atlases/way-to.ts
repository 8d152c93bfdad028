import type { Registration } from '../../../preload/contract/register.ts';
import type { StoredVolume } from '../store/volume-rows.ts';

/**
 * A warped volume or a registration on the way, and which way through it: a registration shows its moving volume (the
 * source) in the space of the fixed one (the result).
 */
export interface WayStep {
  readonly through: { readonly warped: string } | { readonly registration: Registration };
  readonly to: 'source' | 'result';
}

/** What leads from volume to volume; each kind newest first. */
export interface WayLinks {
  readonly volumes: readonly Pick<StoredVolume, 'volume' | 'warp'>[];
  readonly registrations: readonly Registration[];
  /** Volumes that lie in one space: those of an atlas. */
  readonly together: readonly (readonly string[])[];
}

interface Edge {
  readonly to: string;
  readonly step: WayStep | null;
}

export type Edges = ReadonlyMap<string, readonly Edge[]>;

export const idOfStep = ({ through }: WayStep): string =>
  'warped' in through ? through.warped : through.registration.id;

/**
 * The shortest way from the space of a volume to that of one of `goals`, through registrations and warped volumes of the
 * library in either direction; null where there is none. Of ways of the same length registrations go before warped
 * volumes, newer ones before older. O(edges).
 */
export function wayTo(edges: Edges, from: string, goals: ReadonlySet<string>): readonly WayStep[] | null {
  const ways = new Map<string, readonly WayStep[]>([[from, []]]);
  // Steps that cost nothing go first, so that the first way to a space is the shortest.
  let now = [from];
  while (now.length > 0) {
    const next: string[] = [];
    for (let at = now.pop(); at !== undefined; at = now.pop()) {
      const way = ways.get(at) ?? [];
      if (goals.has(at)) return way;
      for (const { to, step } of edges.get(at) ?? []) {
        if (ways.has(to)) continue;
        ways.set(to, step ? [...way, step] : way);
        (step ? next : now).push(to);
      }
    }
    now = next.reverse();
  }
  return null;
}

/**
 * Volumes share a space where a warped one is laid out like another, and where they are of one atlas. A registration
 * whose verdict is 'fail' leads nowhere: names that it gave would be wrong.
 */
export function edgesOf({ volumes, registrations, together }: WayLinks): Edges {
  const edges = new Map<string, Edge[]>();
  const add = (from: string, to: string, step: WayStep | null): void => {
    const list = edges.get(from);
    if (list) list.push({ to, step });
    else edges.set(from, [{ to, step }]);
  };
  const share = (a: string, b: string): void => {
    add(a, b, null);
    add(b, a, null);
  };
  const link = (result: string, source: string, through: WayStep['through']): void => {
    add(result, source, { through, to: 'source' });
    add(source, result, { through, to: 'result' });
  };
  for (const [first, ...others] of together) for (const other of others) if (first !== undefined) share(first, other);
  for (const registration of registrations)
    if (registration.verdict !== 'fail') link(registration.fixed, registration.moving, { registration });
  for (const { volume, warp } of volumes) {
    if (!warp) continue;
    if (warp.grid.type === 'like') share(volume.id, warp.grid.volume);
    link(volume.id, warp.source, { warped: volume.id });
  }
  return edges;
}
