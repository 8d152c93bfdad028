import {
  type Alarm,
  alarmWords,
  type Limit,
  type Reading,
  type Watch,
  type WatchMetric,
} from '../../../../../preload/contract/watch.ts';
import { trendSvg } from './plot.ts';

export interface ReportData {
  readonly watch: Watch;
  readonly readings: readonly Reading[];
  readonly limits: readonly Limit[];
  readonly alarms: readonly Alarm[];
  /** PNG pictures of tiles that alarms are about. */
  readonly pictures: ReadonlyMap<number, Uint8Array>;
  readonly retakes: number;
  readonly madeAt: string;
  readonly version: string;
}

const trends: ReadonlyArray<readonly [WatchMetric, string]> = [
  ['focus', 'Sharpness'],
  ['brightness', 'Brightness (mean grey level)'],
  ['ncc', 'Weakest overlap (correlation)'],
  ['stageStep', 'Stage step, px'],
  ['stageDrift', 'Stage drift, px'],
  ['charging', 'Charging (contrasts)'],
  ['saturated', 'Saturated part'],
];

/** What has to be taken again: tiles with an open alarm, and those that never came. */
export const retakeList = (alarms: readonly Alarm[]): readonly Alarm[] =>
  alarms.filter(({ kind, tile, resolvedAt }) => resolvedAt === null && (tile !== null || kind === 'missing'));

/** The report as one page that needs nothing else: styles, plots and pictures are inside; no scripts. */
export function reportHtml(data: ReportData): string {
  const { watch, readings, limits, alarms } = data;
  const flagged = new Set(alarms.flatMap(({ tile }) => tile ?? []));
  const plots = trends.map(([metric, title]) =>
    trendSvg(
      metric,
      title,
      readings,
      limits.find((l) => l.metric === metric),
      flagged,
    ),
  );
  const title = `Shift report: ${watch.name}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head><body>
<header><h1>${escaped(title)}</h1><p>${escaped(watch.folderName)} · ${when(watch.startedAt)} to ${when(watch.lastTileAt ?? data.madeAt)}</p></header>
${counts(data)}
<h2>Take again</h2>${retake(alarms)}
<h2>Trends</h2><p class="note">A dot a tile, in order of arrival. Dashed: limits; thin: the median that they were learned from. Large dots raised an alarm.</p>${plots.join('\n') || '<p>Nothing was measured.</p>'}
<h2>Alarms</h2>${alarmList(data)}
<footer>Made ${when(data.madeAt)} by Lamella ${escaped(data.version)}. Sharpness: variance of the Laplacian over the variance. Limits: median ± spreads × 1.4826 MAD of up to 200 tiles that were fine.</footer>
</body></html>`;
}

function counts({ watch, readings, alarms, retakes }: ReportData): string {
  const open = retakeList(alarms).length;
  const facts: ReadonlyArray<readonly [string, string | number]> = [
    ['tiles', watch.tiles],
    ['sections', watch.sections],
    ['tiles a minute', rate(readings)],
    ['taken again', retakes],
    ['alarms', alarms.length],
    ['still open', open],
  ];
  return `<dl>${facts.map(([name, value]) => `<div${name === 'still open' && open > 0 ? ' class="bad"' : ''}><dd>${value}</dd><dt>${name}</dt></div>`).join('')}</dl>`;
}

function rate(readings: readonly Reading[]): string {
  const [first, last] = [readings[0], readings.at(-1)];
  const minutes = first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 60_000 : 0;
  return minutes > 0 ? String(Number(((readings.length - 1) / minutes).toPrecision(3))) : '–';
}

function retake(alarms: readonly Alarm[]): string {
  const open = retakeList(alarms);
  if (open.length === 0) return '<p class="good">Nothing: no alarm is open.</p>';
  const rows = open.map(
    ({ subject, section, kind, reason }) =>
      `<tr><td>${escaped(subject)}</td><td>${section ?? ''}</td><td>${alarmWords[kind]}</td><td>${escaped(reason)}</td></tr>`,
  );
  return `<table><thead><tr><th>Tile</th><th>Section</th><th>Alarm</th><th>Why</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function alarmList({ alarms, pictures }: ReportData): string {
  if (alarms.length === 0) return '<p class="good">None.</p>';
  return alarms.map((alarm) => alarmCard(alarm, alarm.tile === null ? undefined : pictures.get(alarm.tile))).join('\n');
}

function alarmCard({ kind, subject, reason, at, seen, resolvedAt }: Alarm, picture: Uint8Array | undefined): string {
  const image = picture
    ? `<img alt="${escaped(subject)}" src="data:image/png;base64,${Buffer.from(picture).toString('base64')}">`
    : '<div class="none"></div>';
  const state = resolvedAt === null ? (seen ? 'seen' : 'open') : `over since ${when(resolvedAt)}`;
  return `<article>${image}<div><h3>${alarmWords[kind]} <small>${escaped(subject)}</small></h3><p>${escaped(reason)}</p><p class="note">${when(at)} · ${state}</p></div></article>`;
}

const when = (iso: string): string => `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const style = `body{font:14px/1.45 system-ui,sans-serif;color:#1d2126;margin:32px auto;max-width:780px;padding:0 20px}
h1{font-size:24px;margin:0}h2{font-size:17px;margin:30px 0 8px}h3{font-size:14px;margin:0}small{font-weight:400;color:#59616b}
header p,.note,footer{color:#59616b}footer{margin-top:32px;border-top:1px solid #d8dce1;padding-top:10px;font-size:12px}
dl{display:flex;gap:10px;margin:18px 0}dl div{flex:1;border:1px solid #d8dce1;border-radius:6px;padding:10px 12px}dd{margin:0;font-size:22px;font-weight:600}dt{color:#59616b;font-size:12px}
.bad dd{color:#a8321a}.good{color:#1c6b3c}table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:5px 8px 5px 0;border-bottom:1px solid #e4e7ea;vertical-align:top;overflow-wrap:anywhere}
figure{margin:0 0 14px;break-inside:avoid}figcaption{font-weight:600;font-size:13px}svg{width:100%;height:auto;display:block}circle{fill:#33658a}circle.alarm{fill:#c8442b}
line.limit{stroke:#c8442b;stroke-dasharray:5 4}line.median{stroke:#8d96a0;stroke-width:.7}text{font-size:11px;fill:#59616b}
article{display:flex;gap:14px;padding:10px 0;border-top:1px solid #e4e7ea;break-inside:avoid}article p{margin:3px 0}article img,.none{width:96px;height:96px;object-fit:contain;background:#eceef0;border-radius:4px;flex:none}`;
