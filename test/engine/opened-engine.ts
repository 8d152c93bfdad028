import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';

/** Opens libraries in this process for as long as `use` takes: another process finds them free. */
export async function opened<T>(use: (client: LamellaClient) => Promise<T>, threads = 1): Promise<T> {
  const engine = createEngine({ threads });
  try {
    return await use(engine.client());
  } finally {
    await engine.close();
  }
}
