// Opens a library and holds it until it is killed: the other process of the lock tests. `node hold-library.ts FOLDER`.
import { Library } from '../../main/engine/store/library.ts';

const folder = process.argv[2] ?? '';
const library = Library.open({
  folder,
  create: true,
  cacheBytes: 1 << 20,
  now: () => new Date(),
  log: () => undefined,
});
process.stdout.write(`open ${library.id}\n`);
setInterval(() => undefined, 1000);
