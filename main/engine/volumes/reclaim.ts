import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * V8 does not count the memory behind buffers closely: tens of blocks that nobody holds any more pile up before it
 * collects them. A job that promises a bound collects them itself, once there are more than it may have.
 */
export function reclaim(mostBytes: number): void {
  // Electron's processes count 0 of `arrayBuffers`; `external` holds them too, there a little late.
  const { arrayBuffers, external } = process.memoryUsage();
  if (Math.max(arrayBuffers, external) > mostBytes) collector()();
}

let collect: (() => void) | null = null;

/** `gc` of V8, which scripts do not see otherwise; nothing where a runtime has taken it out. */
function collector(): () => void {
  if (collect) return collect;
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('typeof gc === "function" ? gc : null');
  collect = typeof gc === 'function' ? () => void gc() : () => undefined;
  return collect;
}
