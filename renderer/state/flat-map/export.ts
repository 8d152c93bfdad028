import { bridge } from '../../engine.ts';
import { beginFile } from '../figure/figure-file.ts';
import { attempt, toast } from '../toasts.ts';

/** Asks where to, and writes a map as SVG. */
export async function exportMap(name: string, svg: string): Promise<void> {
  const place = await attempt(() => bridge.saveFile(`${name} by region.svg`, [{ name: 'SVG', extensions: ['svg'] }]));
  if (!place) return;
  const written = await attempt(async () => {
    const file = await beginFile(place.id);
    try {
      await file.write(new TextEncoder().encode(svg));
      return await file.finish();
    } finally {
      await file.discard();
    }
  });
  if (!written) return;
  toast({
    tone: 'good',
    title: `Exported ${written.name}`,
    action: { label: 'Show in folder', run: () => void bridge.reveal(place.id) },
  });
}
