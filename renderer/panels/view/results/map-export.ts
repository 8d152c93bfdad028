interface MapWords {
  readonly title: string;
  /** What it was made of. */
  readonly provenance: string;
}

/** Paper is white. */
const [ink, paper] = ['#1a1b1e', '#ffffff'];
const marginPx = 16;

/** The pictures and the legend of a map, where they lie on the screen, as one SVG with text and outlines that stay such. */
export function svgOfMap(frame: Element, { title, provenance }: MapWords): string {
  const parts = [...frame.querySelectorAll<SVGSVGElement>('svg[data-part]')];
  const boxes = parts.map((part) => part.getBoundingClientRect());
  const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
  const width = Math.max(...boxes.map(({ right }) => right)) - left + 2 * marginPx;
  const height = Math.max(...boxes.map(({ bottom }) => bottom)) - top + 2 * marginPx;
  const svg = element('svg', { width, height, viewBox: `0 0 ${width} ${height}`, color: ink });
  svg.append(element('title', {}, title), element('desc', {}, provenance));
  svg.append(element('rect', { width, height, fill: paper }));
  parts.forEach((part, i) => {
    const box = boxes[i] ?? part.getBoundingClientRect();
    const copy = plain(part);
    copy.setAttribute('x', String(box.left - left + marginPx));
    copy.setAttribute('y', String(box.top - top + marginPx));
    svg.append(copy);
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}

/** A copy without marks and roles; what regions say becomes their titles, and the window's font is written down. */
function plain(part: SVGSVGElement): SVGElement {
  const copy = part.cloneNode(true) as SVGElement;
  const { fontFamily, fontSize } = getComputedStyle(part);
  copy.setAttribute('font-family', fontFamily);
  copy.setAttribute('font-size', fontSize);
  for (const mark of copy.querySelectorAll('[data-mark]')) mark.remove();
  for (const path of copy.querySelectorAll('[data-key]'))
    path.append(element('title', {}, path.getAttribute('aria-label') ?? ''));
  for (const one of [copy, ...copy.querySelectorAll('*')])
    for (const { name } of [...one.attributes])
      if (/^(aria-|data-|role$|tabindex$|class$)/.test(name)) one.removeAttribute(name);
  return copy;
}
