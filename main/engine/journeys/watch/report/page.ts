import {
  type Alarm,
  alarmWords,
  type Limit,
  type Reading,
  type Watch,
  type WatchMetric,
} from '../../../../../preload/contract/watch.ts';
import { escaped } from './escaped.ts';
import { trendSvg } from './plot.ts';
import { type MappedTile, sectionMaps } from './section-maps.ts';

export interface ReportData {
  readonly watch: Watch;
  readonly layout: string;
  /** x, y, z. */
  readonly voxelSizeNm: readonly [number, number, number];
  readonly tiles: readonly MappedTile[];
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
  ['lightStep', 'Step of the light (part of the grey level)'],
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
<header><h1>${escaped(title)}</h1><p>${session(data)}</p></header>
${counts(data)}
<h2>Take again</h2>${retake(data)}
<h2>Sections</h2>${sectionMaps(data.tiles, alarms)}
<h2>Trends</h2><p class="note">A dot a tile, in order of arrival. Dashed: limits; thin: the median that they were learned from. Large dots raised an alarm.</p>${plots.join('\n') || '<p>Nothing was measured.</p>'}
<h2>Alarms that are over</h2>${overList(data)}
<footer>Made ${when(data.madeAt)} by Lamella ${escaped(data.version)}. Sharpness: variance of the Laplacian over the variance. Limits: median ± spreads × 1.4826 MAD of up to 200 tiles that were fine.</footer>
</body></html>`;
}

/** What was taken, when and how. */
function session({ watch, layout, voxelSizeNm }: ReportData): string {
  const end = watch.lastTileAt;
  const minutes = end === null ? 0 : (Date.parse(end) - Date.parse(watch.startedAt)) / 60_000;
  const times =
    end === null ? `from ${when(watch.startedAt)}` : `${when(watch.startedAt)} to ${when(end)} (${lasting(minutes)})`;
  const [x, y, z] = voxelSizeNm;
  return `Folder <b>${escaped(watch.folderName)}</b> · ${times}<br>Layout <code>${escaped(layout)}</code> · pixels of ${x} × ${y} nm, sections of ${z} nm`;
}

const lasting = (minutes: number): string =>
  minutes < 1
    ? `${Math.round(60 * minutes)} s`
    : minutes < 90
      ? `${Math.round(minutes)} min`
      : `${Number((minutes / 60).toFixed(1))} h`;

function counts({ watch, readings, alarms, retakes }: ReportData): string {
  const open = retakeList(alarms).length;
  const facts: ReadonlyArray<readonly [string, string | number]> = [
    [watch.tiles === 1 ? 'tile' : 'tiles', watch.tiles],
    [watch.sections === 1 ? 'section' : 'sections', watch.sections],
    ['tiles a minute', rate(readings)],
    ['taken again', retakes],
    [alarms.length === 1 ? 'alarm' : 'alarms', alarms.length],
    ['to take again', open],
  ];
  return `<dl>${facts.map(([name, value]) => `<div${name === 'to take again' && open > 0 ? ' class="bad"' : ''}><dd>${value}</dd><dt>${name}</dt></div>`).join('')}</dl>`;
}

function rate(readings: readonly Reading[]): string {
  const [first, last] = [readings[0], readings.at(-1)];
  const minutes = first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 60_000 : 0;
  return minutes > 0 ? String(Number(((readings.length - 1) / minutes).toPrecision(3))) : '–';
}

function retake(data: ReportData): string {
  const open = retakeList(data.alarms);
  return open.length === 0 ? '<p class="good">Nothing: no alarm is open.</p>' : cards(data, open);
}

/** What is over, and what is of no tile: the folder, the layout. */
function overList(data: ReportData): string {
  const open = new Set(retakeList(data.alarms).map(({ id }) => id));
  const others = data.alarms.filter(({ id }) => !open.has(id));
  return others.length === 0 ? '<p class="good">None.</p>' : cards(data, others);
}

const cards = ({ pictures }: ReportData, alarms: readonly Alarm[]): string =>
  alarms.map((alarm) => alarmCard(alarm, alarm.tile === null ? undefined : pictures.get(alarm.tile))).join('\n');

function alarmCard(
  { kind, subject, section, reason, at, seen, resolvedAt }: Alarm,
  picture: Uint8Array | undefined,
): string {
  const image = picture
    ? `<img alt="${escaped(subject)}" src="data:image/png;base64,${Buffer.from(picture).toString('base64')}">`
    : '<div class="none"></div>';
  const state = resolvedAt === null ? (seen ? 'seen' : 'open') : `over since ${when(resolvedAt)}`;
  return `<article>${image}<div><h3>${alarmWords[kind]} <small>${escaped(subject)}</small></h3><p>${escaped(reason)}</p><p class="note">${section === null ? '' : `Section ${section} · `}${when(at)} · ${state}</p></div></article>`;
}

const when = (iso: string): string => `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;

const style = `@page{size:A4;margin:14mm}*{box-sizing:border-box}body{font:14px/1.45 system-ui,"Segoe UI",Helvetica,Arial,sans-serif;color:#1d2126;background:#fff;margin:32px auto;max-width:820px;padding:0 20px}
h1{font-size:24px;margin:0 0 6px}h2{font-size:17px;margin:30px 0 8px;break-after:avoid}h3{font-size:14px;margin:0;overflow-wrap:anywhere}small{font-weight:400;color:#59616b}code{font:12px ui-monospace,Consolas,monospace;overflow-wrap:anywhere}
header p,.note,footer{color:#59616b}header p{margin:0}footer{margin-top:32px;border-top:1px solid #d8dce1;padding-top:10px;font-size:12px}
dl{display:grid;grid-template-columns:repeat(6,1fr);gap:10px;margin:18px 0}dl div{border:1px solid #d8dce1;border-radius:6px;padding:10px 12px}dd{margin:0;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums}dt{color:#59616b;font-size:12px}
.bad{border-color:#a8321a!important}.bad dd{color:#a8321a}.good{color:#1c6b3c}
figure{margin:0 0 14px;break-inside:avoid}figcaption{font-weight:600;font-size:13px}svg{width:100%;height:auto;display:block}circle{fill:#33658a}circle.alarm{fill:#c8442b}
line.limit{stroke:#c8442b;stroke-dasharray:5 4}line.median{stroke:#8d96a0;stroke-width:.7}text{font-size:11px;fill:#59616b}
.maps{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:14px}.maps figure{margin:0}.maps svg{max-height:220px}.maps polygon{fill:#dfe7ee;stroke:#33658a;stroke-width:1;vector-effect:non-scaling-stroke}.maps .over{fill:#f3dfae}.maps .open{fill:#c8442b;stroke:#7d1f0e}.key i{display:inline-block;width:11px;height:11px;border:1px solid #33658a;background:#dfe7ee;margin:0 5px 0 12px;vertical-align:-1px}.key i:first-child{margin-left:0}.key .over{background:#f3dfae}.key .open{background:#c8442b;border-color:#7d1f0e}
article{display:flex;gap:14px;padding:10px 0;border-top:1px solid #e4e7ea;break-inside:avoid}article p{margin:3px 0}article img,.none{width:120px;height:120px;object-fit:contain;background:#eceef0;border-radius:4px;flex:none}.none::after{content:"no picture";display:grid;place-items:center;height:100%;color:#59616b;font-size:12px}
@media(max-width:640px){dl{grid-template-columns:repeat(3,1fr)}}@media print{body{margin:0;max-width:none;padding:0}article,figure,dl div{print-color-adjust:exact}}`;
