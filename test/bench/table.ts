import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** A line of `--json`. `theirs` and `ratio` are null where no peer ran. */
export interface Measured {
  readonly id: string;
  /** With the unit of `ours` and `theirs` at its end. */
  readonly workload: string;
  readonly peer: string | null;
  readonly ours: number;
  readonly theirs: number | null;
  readonly ratio: number | null;
  readonly target: string;
  readonly met: boolean;
}

const file = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
const [begin, end] = ['<!-- table: written by npm run bench -->', '<!-- end of table -->'];

/**
 * Writes the table into docs/benchmarks.md, between its two marks: the rows `order` that were measured, and of the others
 * what the page says already. What else the page says stays.
 */
export function writeTable(measured: readonly Measured[], order: readonly string[]): void {
  const machine = `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
  const before = readPage();
  const lines = order.flatMap((id) => {
    const row = measured.find((one) => one.id === id);
    return row ? [lineOf(row)] : before.split('\n').filter((line) => line.startsWith(`| \`${id}\` |`));
  });
  const table = [
    '| id | workload | Lamella | peer | ratio | target | met |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
  const note = `Medians, measured on ${machine}; an empty peer did not run.`;
  const page = pageAround(before);
  writeFileSync(file, `${page.before}${begin}\n${table}\n\n${note}\n${end}${page.after}`);
}

function lineOf({ id, workload, ours, theirs, peer, ratio, target, met }: Measured): string {
  const peers = theirs === null ? ['', ''] : [`${theirs} (${peer})`, String(ratio)];
  return `| ${[`\`${id}\``, workload, String(ours), ...peers, target, met ? 'yes' : '**no**'].join(' | ')} |`;
}

function readPage(): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '# Benchmarks\n\n`npm run bench` measures Lamella alone; `npm run bench:peers` runs the peers in the same run, in a Python environment of their own. `--only ID`, `--list` and `--json` choose rows and form.\n\n';
  }
}

function pageAround(page: string): { readonly before: string; readonly after: string } {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) return { before: page.endsWith('\n') ? page : `${page}\n`, after: '\n' };
  return { before: page.slice(0, from), after: page.slice(to + end.length) };
}
