import { seededBytes } from './seeded.ts';

/** Changes one value, or one key, somewhere in the tree: the text stays JSON, so the schemas are reached. */
export function mutateTree(value: unknown, random: () => number): unknown {
  const pick = (n: number): number => Math.floor(random() * n);
  const odd: readonly unknown[] = [
    null,
    -1,
    0,
    1e308,
    2 ** 31,
    2 ** 53,
    0.5,
    '',
    '..',
    '../../etc/passwd',
    'a/../b',
    '/x',
    'zstd',
    'blosc',
    [],
    {},
    [1, 2, 3],
    [1e9, 1e9, 1e9],
    true,
    'x'.repeat(5000),
    { name: 'sharding_indexed' },
  ];
  if (Array.isArray(value) && value.length > 0 && pick(4) > 0) {
    const at = pick(value.length);
    return pick(8) === 0 ? value.toSpliced(at, 1) : value.with(at, mutateTree(value[at], random));
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0 && pick(5) > 0) {
    const keys = Object.keys(value);
    const key = keys[pick(keys.length)] ?? '';
    const { [key]: old, ...rest } = value as Record<string, unknown>;
    if (pick(10) === 0) return rest;
    return { ...rest, [pick(20) === 0 ? '__proto__x' : key]: mutateTree(old, random) };
  }
  return odd[pick(odd.length)];
}

/** Cuts, lengthens, or changes one to four bytes, half of the time among the first. */
export function mutateBytes(bytes: Uint8Array, random: () => number): Uint8Array {
  const pick = (n: number): number => Math.floor(random() * n);
  const kind = pick(4);
  if (kind === 0) return bytes.slice(0, pick(bytes.length));
  if (kind === 1) return Uint8Array.from([...bytes, ...seededBytes(String(pick(1000)), 1 + pick(300))]);
  const out = bytes.slice();
  for (let n = 1 + pick(4); n > 0; n--) out[kind === 2 ? pick(24) : pick(out.length)] = pick(256);
  return out;
}
