/** Values that JSON can hold and no reader expects; functions, for some are large. */
const nasty: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1e308,
  () => -1e308,
  () => 5e-324,
  () => 2 ** 53 + 2,
  () => 1e21,
  // What JSON.parse makes of 1e999.
  () => Infinity,
  () => '',
  () => 'NaN',
  () => '-Infinity',
  () => '\u0000',
  () => '\u202Egnp.x',
  () => '😀'.repeat(50),
  () => '\uD800',
  () => '9'.repeat(400),
  () => 'a'.repeat(100_000),
  () => '!'.repeat(5000),
  () => '('.repeat(5000),
  () => '../../../etc/passwd',
  () => 'file:///etc/passwd',
  () => 'javascript:alert(1)',
  () => '__proto__',
  () => 'constructor',
  () => [],
  () => ({}),
  () => [0, 0, 0, 0],
  () => [1e308, 1e308, 1e308, 1e308],
  () => [null, 'x', {}, []],
  () => Array.from({ length: 2000 }, (_, i) => i),
  () => nested(300),
  () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 1, "toString": 2, "hasOwnProperty": 3}'),
  () => ({ x: [-1e-9, 'm'], y: [0, 'm'], z: [1e308, 'Ym'], q: [1, 'parsec'] }),
];

/** Deeper than any reader should go by calling itself. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { type: 'row', children: value };
  return value;
}

type Node = Record<string, unknown>;

/** Every place in a tree of JSON that holds a value: its parent and the key there. */
function placesIn(root: Node): readonly (readonly [Node, string])[] {
  const places: (readonly [Node, string])[] = [];
  const waiting: Node[] = [root];
  for (let node = waiting.pop(); node; node = waiting.pop())
    for (const [key, value] of Object.entries(node)) {
      places.push([node, key]);
      if (typeof value === 'object' && value !== null) waiting.push(value as Node);
    }
  return places;
}

/** A copy with one to four values replaced, taken away, renamed, repeated, or swapped with others of the tree. */
export function mutateJson(given: object, random: () => number): unknown {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const root = structuredClone(given) as Node;
  for (let edits = 1 + Math.floor(random() * 4); edits > 0; edits--) {
    const places = placesIn(root);
    const at = pick(places);
    const other = pick(places);
    if (!at || !other) break;
    const [node, key] = at;
    const kind = Math.floor(random() * 7);
    if (kind < 3) set(node, key, pick(nasty)?.());
    else if (kind === 3) delete node[key];
    else if (kind === 4 && !Array.isArray(node)) set(node, pick([...names, key.toUpperCase()]) ?? '', node[key]);
    else if (kind === 5) set(node, key, structuredClone(other[0][other[1]]));
    else
      set(
        node,
        key,
        Array.from({ length: 1 + Math.floor(random() * 300) }, () => node[key]),
      );
  }
  return root;
}

const names = ['__proto__', 'constructor', 'x', '', '0', 'type'];

/** As JSON.parse sets it: `__proto__` is a key like others. */
function set(node: Node, key: string, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true });
}
