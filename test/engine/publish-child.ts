// A process of its own that publishes, to be killed: node publish-child.ts LIBRARY VOLUME FORMAT METADATA OUT
import { createEngine } from '../../main/engine/index.ts';
import { finishedJob } from './finished-job.ts';

const [library = '', volume = '', format = '', metadata = '', out = ''] = process.argv.slice(2);
const engine = createEngine({ threads: 1 });
const client = engine.client();
const { job } = await client.publish.start({
  library,
  volume,
  target: 'folder',
  format: format === 'ome-zarr' ? 'ome-zarr' : 'precomputed',
  metadata,
  out,
});
const { state, error, result } = await finishedJob(client, library, job);
await engine.close();
process.stdout.write(`${JSON.stringify({ state, error, result })}\n`);
