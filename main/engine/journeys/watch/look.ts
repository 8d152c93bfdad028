import type { Look } from '../../intake/folder-poll.ts';
import { compareTaken } from './compare.ts';
import { toldOf } from './known-tiles.ts';
import type { Finding } from './judge.ts';
import type { Session } from './session.ts';
import { takeFiles } from './take.ts';
import { putAlarm, resolveAlarms } from './watch-rows.ts';

/** Tiles that came at once are taken so many at a time: the first alarms do not wait for the last tile. */
const atOnce = 32;

/** Looks into the folder once and does all that follows; gives how many tiles came. */
export async function lookOnce(session: Session): Promise<number> {
  const look = await session.poll.look();
  session.readLimits();
  noteFolder(session, look);
  if (look.away !== null) return 0;
  raiseHoles(session);
  if (look.layoutsChanged) readLayoutAgain(session);
  const files = [...(look.layoutsChanged ? session.unplaced.values() : []), ...look.rested];
  let came = 0;
  for (let i = 0; i < files.length; i += atOnce) {
    session.options.job.checkIn();
    const taken = await takeFiles(session, files.slice(i, i + atOnce));
    await compareTaken(session, taken);
    checkLayout(session);
    came += taken.length;
  }
  return came;
}

/** Overlaps that are all off by the same step: the layout says another overlap, or another pixel size. */
function checkLayout(session: Session): void {
  const [width, height] = session.tiles.usual?.sizePx ?? [0, 0];
  for (const [axis, at, side] of [
    ['x', 0, width],
    ['y', 1, height],
  ] as const) {
    const off = session.usualOffs.usual(axis)[at];
    const subject = `overlap along ${axis}`;
    if (session.usualOffs.count(axis) < leastForLayout || Math.abs(off) < Math.max(3, 0.015 * side)) continue;
    const { watch, job } = session.options;
    if (job.library.read.get('SELECT 1 FROM alarm WHERE watch = ? AND subject = ?', watch, subject)) continue;
    const how = `${Math.abs(Math.round(off))} px ${off > 0 ? 'less' : 'more'}`;
    const reason = `neighbours along ${axis} share ${how} than the layout says (${side} px tiles): check its overlap and pixel size`;
    const fault = plainFault('contradiction', reason);
    const about = { tile: null, subject, section: null, at: new Date().toISOString() };
    session.tell({
      alarms: [session.record((tx) => putAlarm(tx, watch, { ...fault, reason: toldOf(fault, subject) }, about))],
    });
  }
}

const leastForLayout = 20;

/** What the layout file says is wrong with it is a warning of the job, as with an import. */
export function readLayoutAgain(session: Session): void {
  const { places } = session.options;
  const problem = places.reload();
  if (problem) session.warn(problem);
  for (const warning of places.warnings.slice(0, 200)) session.warn(warning);
  session.forgetOrder();
}

const plainFault = (kind: Finding['kind'], reason: string): Finding => ({
  kind,
  metric: null,
  value: null,
  low: null,
  high: null,
  reason,
});

/** A folder that went away is an alarm until it is back; what came before stays, and nothing is taken for deleted. */
function noteFolder(session: Session, { away, waiting }: Look): void {
  const { watch, folder, job } = session.options;
  const row = job.library.read.get<{ state: string; waiting: number }>(
    'SELECT state, waiting FROM watch WHERE id = ?',
    watch,
  );
  const wasAway = row?.state === 'away';
  if ((away !== null) === wasAway && row?.waiting === waiting) return;
  const at = new Date().toISOString();
  const subject = folder.split(/[\\/]/).at(-1) ?? folder;
  const alarms: string[] = [];
  session.record((tx) => {
    if (row?.state !== 'stopping')
      tx.run(
        'UPDATE watch SET state = ?, waiting = ? WHERE id = ?',
        away === null ? 'watching' : 'away',
        waiting,
        watch,
      );
    if (away !== null && !wasAway) {
      const reason = `The folder ${subject} went away: ${away}. Nothing is lost; watching goes on when it is back.`;
      alarms.push(putAlarm(tx, watch, plainFault('folder-away', reason), { tile: null, subject, section: null, at }));
    } else if (away === null && wasAway) alarms.push(...resolveAlarms(tx, watch, { subject }, at));
  });
  session.tell({ alarms });
}

function raiseHoles(session: Session): void {
  const due = session.dueHoles();
  if (due.length === 0) return;
  const at = new Date().toISOString();
  const alarms = session.record((tx) =>
    due.map(({ subject, section }) => {
      const finding = plainFault('missing', 'missing: tiles after it have come, and it has not');
      const about = { tile: null, subject, section, at };
      return putAlarm(tx, session.options.watch, { ...finding, reason: toldOf(finding, subject) }, about);
    }),
  );
  session.tell({ alarms });
}
