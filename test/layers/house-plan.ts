// Who may import whom, as ARCHITECTURE.md draws it.

/** The room that a file belongs to: the finest part of the plan that has rules of its own. */
export function roomOf(path: string): string {
  const parts = path.split('/');
  if (path.startsWith('preload/contract/')) return 'contract';
  if (path.startsWith('main/engine/journeys/') && parts[3] === 'call.ts') return 'journey interfaces';
  if (path.startsWith('main/engine/journeys/')) return `journey ${(parts[3] ?? '').replace(/\.ts$/, '')}`;
  if (path === 'main/engine/formats/byte-store.ts') return 'byte store';
  if (path.startsWith('main/engine/')) return parts.length > 3 ? (parts[2] ?? '') : 'engine';
  if (path.startsWith('main/cli')) return 'cli';
  if (path === 'main/engine-process.ts') return 'engine process';
  if (path.startsWith('main/')) return 'shell';
  if (path === 'renderer/engine.ts') return 'engine port';
  if (path.startsWith('renderer/')) return parts.length > 2 ? (parts[1] ?? '') : 'renderer root';
  return parts[0] ?? '';
}

const LEAVES = ['contract', 'native-workers', 'byte store', 'transforms'];
const STORAGE = ['store', 'sources', 'formats', 'targets'];

/** Room to the other rooms that it may import; its own is always allowed. Journeys never import each other. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  preload: ['contract'],
  'native-workers': ['contract'],
  'byte store': ['contract'],
  // Maps between spaces: pure.
  transforms: ['contract'],
  store: LEAVES,
  sources: LEAVES,
  formats: LEAVES,
  targets: LEAVES,
  jobs: [...LEAVES, ...STORAGE],
  // Whole volumes: opened, read, written, for the journeys that share them.
  volumes: [...LEAVES, ...STORAGE, 'jobs'],
  // Tile stacks: their rows, maps and pixels, for the journeys that share them.
  stacks: [...LEAVES, ...STORAGE, 'jobs', 'volumes'],
  // Where volumes lie in each other: rows, voxels for the kernels, chains, for the journeys that share them.
  registrations: [...LEAVES, ...STORAGE, 'jobs', 'volumes'],
  // Atlases: trees of regions and where they are, for the journeys that share them.
  atlases: [...LEAVES, ...STORAGE, 'jobs', 'volumes', 'registrations'],
  // A server on this computer's loopback, for the journeys that share it.
  loopback: LEAVES,
  // Tiles on their way in: folders, layouts, measurements, verdicts, for the journeys that share them.
  intake: [...LEAVES, ...STORAGE, 'jobs'],
  'journey interfaces': [...LEAVES, ...STORAGE, 'jobs'],
  journey: [
    ...LEAVES,
    ...STORAGE,
    'jobs',
    'volumes',
    'stacks',
    'registrations',
    'atlases',
    'intake',
    'loopback',
    'journey interfaces',
  ],
  engine: [
    ...LEAVES,
    ...STORAGE,
    'jobs',
    'volumes',
    'stacks',
    'registrations',
    'atlases',
    'intake',
    'loopback',
    'journey interfaces',
    'journey',
  ],
  cli: ['contract', 'engine'],
  'engine process': ['contract', 'engine', 'shell'],
  shell: ['contract'],
  'engine port': ['contract'],
  state: ['contract', 'engine port'],
  ui: ['contract'],
  scene: ['contract', 'state', 'ui'],
  panels: ['contract', 'state', 'ui'],
  'renderer root': ['contract', 'engine port', 'state', 'ui', 'scene', 'panels'],
};

const kindOf = (room: string): string =>
  room.startsWith('journey ') && room !== 'journey interfaces' ? 'journey' : room;

export function mayImport(from: string, to: string): boolean {
  const [importer, imported] = [roomOf(from), roomOf(to)];
  if (importer === imported) return true;
  return MAY_IMPORT[kindOf(importer)]?.includes(kindOf(imported)) ?? false;
}

/** Packages that a room may use; rooms that are not here may use any that is installed. */
export const PACKAGES: Readonly<Record<string, RegExp>> = {
  contract: /^zod$/,
  preload: /^electron$/,
  shell: /^(node:|electron$|zod$)/,
  'engine process': /^(node:|electron$)/,
  cli: /^(node:|zod$)/,
};

/** Anything of Node, and zod; SQLite only where the database lives. */
export function mayUse(path: string, name: string): boolean {
  const room = roomOf(path);
  const rule = PACKAGES[room];
  if (rule) return rule.test(name);
  if (path.startsWith('renderer/')) return !/^(node:|electron$|better-sqlite3$)/.test(name);
  if (name === 'better-sqlite3') return room === 'store';
  return /^(node:|zod$)/.test(name) || ENGINE_PACKAGES.has(name);
}

/** Pure JavaScript packages that the engine bundles; each is named in ARCHITECTURE.md. */
const ENGINE_PACKAGES = new Set([
  'aws4',
  'csv-stringify/sync',
  'draco3d/draco_decoder_nodejs.js',
  'h5wasm/node',
  'proper-lockfile',
  'saxes',
  'spdx-license-list',
]);
