// npm run bench [-- --only ID] [--list] [--json]; npm run bench:peers runs the peers, too. The table goes to
// docs/benchmarks.md when all rows ran, or, with --write, those that did.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { peerPython, type RunPython } from './peer-python.ts';
import type { Bench, BenchPeer, BenchRow } from './row.ts';
import { rows } from './rows.ts';
import { type Measured, writeTable } from './table.ts';

const { values: asked } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    json: { type: 'boolean' },
    peers: { type: 'boolean' },
    write: { type: 'boolean' },
  },
});
const only = asked.only?.flatMap((ids) => ids.split(','));
const chosen = only ? rows.filter((row) => only.includes(row.id)) : rows;
const unknown = only?.filter((id) => !rows.some((row) => row.id === id)) ?? [];

if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(', ')}; --list shows all.`);
  process.exitCode = 2;
} else if (asked.list) {
  for (const { id, workload, target } of chosen)
    console.log(asked.json ? JSON.stringify({ id, workload, target }) : `${id.padEnd(16)} ${workload} (${target})`);
} else {
  const measured: Measured[] = [];
  for (const row of chosen) {
    const result = await measureRow(row);
    measured.push(result);
    console.log(asked.json ? JSON.stringify(result) : readable(result));
  }
  if (!only || asked.write)
    writeTable(
      measured,
      rows.map(({ id }) => id),
    );
  process.exitCode = measured.every(({ met }) => met) ? 0 : 1;
}

async function measureRow(row: BenchRow): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-bench-'));
  const bench: Bench = { folder, threads: availableParallelism(), peers: asked.peers === true };
  try {
    const ours = rounded(await row.measure(bench));
    const theirs = row.peer && asked.peers ? rounded(await row.peer.measure(bench, await pythonFor(row.peer))) : null;
    const ratio = theirs === null ? null : rounded(ours / theirs);
    const peer = theirs === null ? null : (row.peer?.name ?? null);
    return {
      id: row.id,
      workload: `${row.workload}; ${row.unit}`,
      peer,
      ours,
      theirs,
      ratio,
      target: row.target,
      met: row.isMet(ours, theirs),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Peers that run in this process need no environment. */
async function pythonFor({ name, requirements }: BenchPeer): Promise<RunPython> {
  if (requirements.length > 0) return peerPython(requirements);
  return () => Promise.reject(new Error(`${name} has no requirements, so it has no Python`));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function readable({ id, ours, theirs, target, met, peer }: Measured): string {
  const unit = rows.find((row) => row.id === id)?.unit ?? '';
  const against = theirs === null ? '' : `, ${peer}: ${theirs} ${unit}`;
  return `${id.padEnd(16)} ${ours} ${unit}${against}; ${target}: ${met ? 'met' : 'NOT MET'}`;
}
