import { bridge } from '../../engine.ts';
import { writeText } from '../figure/figure-file.ts';
import { showFile } from '../show-file.ts';
import { attempt, toast } from '../toasts.ts';

/** Asks where to, and writes a map as SVG. */
export async function exportMap(name: string, svg: string): Promise<void> {
  const place = await attempt(() => bridge.saveFile(`${name} by region.svg`, [{ name: 'SVG', extensions: ['svg'] }]));
  if (!place) return;
  const written = await attempt(() => writeText(place.id, svg));
  if (written) toast({ tone: 'good', title: `Exported ${written.name}`, action: showFile(place.id) });
}
