// Begins a figure and is killed in the middle of it: node begin-figure-process.ts SETTINGS OUT
import { createEngine } from '../../main/engine/index.ts';

const [, , folder = '', out = ''] = process.argv;
const client = createEngine({ threads: 1, folder }).client();
const { file } = await client.figure.begin({ out });
await client.figure.write({ file, at: 0, base64: 'AAAA' });
process.kill(process.pid, 'SIGKILL');
