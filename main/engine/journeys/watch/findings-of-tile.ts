import type { WriteHandle } from '../../store/library-store.ts';
import type { Finding } from './judge.ts';
import { toldOf } from './known-tiles.ts';
import { shortName } from './session.ts';
import { putAlarm } from './watch-rows.ts';

const badKinds: ReadonlySet<Finding['kind']> = new Set(['unreadable', 'blank', 'repeated']);

export const verdictOf = (findings: readonly Finding[]): 'ok' | 'warn' | 'bad' =>
  findings.some(({ kind }) => badKinds.has(kind)) ? 'bad' : findings.length > 0 ? 'warn' : 'ok';

/** Raises what was found of a tile over and above what its row says already; gives the alarms. */
export function addFindings(
  tx: WriteHandle,
  watch: string,
  tile: number,
  findings: readonly Finding[],
): readonly string[] {
  const row = tx.get<{ name: string; section: number; verdict: string; reasons: string }>(
    'SELECT name, section, verdict, reasons FROM tile WHERE id = ?',
    tile,
  );
  if (!row || findings.length === 0) return [];
  const about = { tile, subject: row.name, section: row.section, at: new Date().toISOString() };
  const alarms = findings.map((finding) =>
    putAlarm(tx, watch, { ...finding, reason: toldOf(finding, shortName(row.name)) }, about),
  );
  const reasons = [...(JSON.parse(row.reasons) as string[]), ...findings.map(({ reason }) => reason)];
  const verdict = row.verdict === 'bad' ? 'bad' : verdictOf(findings);
  tx.run('UPDATE tile SET verdict = ?, reasons = ? WHERE id = ?', verdict, JSON.stringify(reasons), tile);
  return alarms;
}
