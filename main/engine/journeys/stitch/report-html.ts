import type { Link, Placement } from '../../../../preload/contract/registration.ts';
import type { StackSummary } from '../../../../preload/contract/library.ts';
import { groupBy } from '../../stacks/group-by.ts';
import { rmsOf } from './numbers.ts';
import { histogram, linkMap, type MapTile } from './report-drawings.ts';

export interface SeamPicture {
  readonly link: Link;
  /** Tile a, tile b and their difference: PNG files. */
  readonly pictures: readonly Uint8Array[];
  readonly ncc: number;
}

export interface ReportData {
  readonly title: string;
  readonly stack: Pick<
    StackSummary,
    'version' | 'model' | 'verdict' | 'reasons' | 'rmsPx' | 'maxPx' | 'links' | 'dropped'
  >;
  readonly createdAt: string;
  readonly tiles: readonly MapTile[];
  readonly placements: readonly Placement[];
  readonly links: readonly Link[];
  readonly seams: readonly SeamPicture[];
  readonly nameOf: (tile: number) => string;
}

const words = { pass: 'Good', warn: 'Look at it', fail: 'Not good enough' } as const;
/** Maps and rows of tables that a report shows; what is left out is counted. */
const [mostMaps, mostRows] = [8, 60];

const style = `:root{color-scheme:dark}body{margin:0 auto;max-width:1080px;padding:32px;background:#0e0e10;color:#e8e9ec;font:13px/1.5 Inter,system-ui,sans-serif}
h1{font-size:20px;font-weight:600;margin:0}h2{font-size:15px;font-weight:600;margin:32px 0 8px}p{margin:4px 0}small,.muted{color:#a9adb6}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:4px 12px 4px 0;border-bottom:1px solid #34373d}th{color:#a9adb6;font-weight:500}
td.n,th.n{text-align:right}.pass{color:#3fb6a8}.warn{color:#d9a441}.fail{color:#e5684f}.row{display:flex;gap:16px;flex-wrap:wrap}
figure{margin:0 0 16px}figure div{display:flex;gap:8px}figure img{image-rendering:pixelated;max-width:32%;max-height:360px;background:#17181b}svg{background:#17181b;border-radius:6px;max-width:100%;height:auto}`;

/** A page by itself: no script, nothing from elsewhere; its policy forbids both. */
export function reportHtml(data: ReportData): string {
  const { title, stack } = data;
  const reasons = stack.reasons.map((reason) => `<li>${escaped(reason)}</li>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head><body>
<h1>${escaped(title)}</h1><p class="muted">Stack version ${stack.version}, ${stack.model}, made ${escaped(data.createdAt)}</p>
<h2 class="${stack.verdict}">${words[stack.verdict]}</h2>${reasons === '' ? '<p>Nothing was found wrong.</p>' : `<ul>${reasons}</ul>`}
<p>${stack.links} links used, ${stack.dropped} not. RMS residual ${px(stack.rmsPx)}, worst ${px(stack.maxPx)}.</p>
<h2>Links</h2>${maps(data)}
<div class="row">${histograms(data.links)}</div>
<h2>Sections</h2>${sectionTable(data)}
<h2>Worst links</h2>${seams(data)}${linkTable(data)}
<h2>Tiles that fit worst</h2>${tileTable(data)}
</body></html>
`;
}

function maps({ links, tiles }: ReportData): string {
  const linksBySection = groupBy(links, (link) => link.section);
  const worst = [...groupBy(tiles, (tile) => tile.section)]
    .map(([section, members]) => ({ section, members, links: linksBySection.get(section) ?? [] }))
    .toSorted((a, b) => worstOf(b.links) - worstOf(a.links) || a.section - b.section);
  const shown = worst
    .slice(0, mostMaps)
    .map((one) => `<figure>${linkMap(one.members, one.links)}<figcaption>Section ${one.section}</figcaption></figure>`);
  return `<div class="row">${shown.join('')}</div>${leftOut(worst.length - mostMaps, 'sections')}<p class="muted">A line a link, from teal (0 px) over amber to red (5 px and more); grey dashes: not used.</p>`;
}

const worstOf = (links: readonly Link[]): number =>
  links.reduce((most, link) => Math.max(most, link.state === 'kept' ? link.residualPx : 0), 0);

function histograms(links: readonly Link[]): string {
  const used = links.filter((link) => link.state === 'kept');
  const most = Math.max(0.5, ...used.map((link) => link.residualPx));
  return [
    histogram(
      'Correlation',
      links.map((link) => link.ncc),
      [0, 1],
    ),
    histogram(
      'Residual, px',
      used.map((link) => link.residualPx),
      [0, most],
    ),
    histogram(
      'Peak ratio (to 10)',
      links.map((link) => Math.min(10, link.peakRatio)),
      [1, 10],
    ),
  ].join('');
}

function sectionTable({ tiles, placements, links }: ReportData): string {
  const linksBySection = groupBy(links, (link) => link.section);
  const placed = new Map(placements.map((placement) => [placement.tile, placement]));
  const sections = [...groupBy(tiles, (tile) => tile.section)].toSorted(([a], [b]) => a - b);
  const rows = sections.slice(0, mostRows).map(([section, members]) => {
    const own = linksBySection.get(section) ?? [];
    const kept = own.filter((link) => link.state === 'kept');
    const unlinked = members.filter(({ id }) => placed.get(id)?.placedBy === 'stage').length;
    const counts = [
      members.length,
      kept.length,
      own.filter((l) => l.state === 'outlier').length,
      own.filter((l) => l.state === 'weak').length,
      unlinked,
    ];
    return [String(section), ...counts.map(String), px(rmsOf(kept.map((l) => l.residualPx))), px(worstOf(own))];
  });
  const head = ['Section', 'Tiles', 'Links kept', 'Outliers', 'Weak', 'Tiles without a link', 'RMS', 'Worst'];
  return table(head, rows) + leftOut(sections.length - mostRows, 'sections');
}

const rank = { outlier: 0, weak: 1, kept: 2 } as const;
export const worstLinks = (links: readonly Link[]): readonly Link[] =>
  links.toSorted((a, b) => rank[a.state] - rank[b.state] || b.residualPx - a.residualPx || a.ncc - b.ncc);

function linkTable({ links, nameOf }: ReportData): string {
  const rows = worstLinks(links)
    .slice(0, mostRows)
    .map((l) => [
      `${nameOf(l.tileA)} and ${nameOf(l.tileB)}`,
      l.state,
      l.ncc.toFixed(3),
      l.peakRatio.toFixed(2),
      px(l.residualPx),
      l.reason,
    ]);
  return (
    table(['Link', 'State', 'Correlation', 'Peak ratio', 'Residual', 'Why'], rows) +
    leftOut(links.length - mostRows, 'links')
  );
}

function tileTable({ placements, nameOf }: ReportData): string {
  const rows = placements
    .toSorted((a, b) => b.rmsPx - a.rmsPx)
    .slice(0, mostRows)
    .map((p) => [nameOf(p.tile), px(p.rmsPx), p.placedBy]);
  return table(['Tile', 'RMS', 'Placed by'], rows) + leftOut(placements.length - mostRows, 'tiles');
}

function seams({ seams: shown, nameOf }: ReportData): string {
  const image = (bytes: Uint8Array, what: string): string =>
    `<img alt="${what}" src="data:image/png;base64,${Buffer.from(bytes).toString('base64')}">`;
  return shown
    .map(({ link, pictures, ncc }) => {
      const [a, b] = [escaped(nameOf(link.tileA)), escaped(nameOf(link.tileB))];
      const images = pictures.map((bytes, i) => image(bytes, [a, b, 'Difference'][i] ?? '')).join('');
      return `<figure><div>${images}</div><figcaption>${a} | ${b} | difference; ${link.state}, correlation as placed ${ncc.toFixed(2)}</figcaption></figure>`;
    })
    .join('');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = (text: string): boolean => /^-?[\d.]+( px)?$/.test(text);
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}${isNumber(cell) ? ' class="n"' : ''}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${row(head, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`;
}

const leftOut = (count: number, what: string): string =>
  count > 0 ? `<p class="muted">And ${count} more ${what}.</p>` : '';
const px = (v: number): string => `${v.toFixed(2)} px`;

/** Names of files may hold anything. */
export const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
