// Sections of a real stack, turned and bent, aligned: how far places come to lie from where they would have.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { alignedSections, deformed, errorsBetween, haveSections, publishedLevels } from '../engine/real-sections.ts';
import type { Line } from './volumes.ts';

/** Neighbours throughout, and with one section lost. */
const cases = [
  { name: 'ten sections', zs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  { name: 'one section missing', zs: [0, 1, 2, 3, 4, 6, 7, 8, 9] },
];
const [sidePx, reachPx] = [640, 200];
/** As far as sections were bent, at most: what is worse was not aligned. P21 asks for 0.7 and 2 px, of simulated ones. */
const [medianPx, p95Px] = [8, 16];

export async function alignTissue(folder: string): Promise<readonly Line[]> {
  if (!haveSections) {
    console.warn('skipped: the sections of real tissue are not there, so none are aligned');
    return [];
  }
  const engine = createEngine({ threads: 2 });
  const levels = publishedLevels();
  const lines: Line[] = [];
  try {
    for (const { name, zs } of cases) {
      const at = (what: string): string => join(folder, name, what);
      for (const what of ['deformed', 'plain']) mkdirSync(at(what), { recursive: true });
      const plain = zs.map((z) => ({ z, sidePx }));
      const given = await alignedSections(engine.client(), at('deformed'), deformed(zs, sidePx), levels);
      const truth = await alignedSections(engine.client(), at('plain'), plain, levels);
      lines.push(lineOf(name, errorsBetween(given, truth, reachPx)));
    }
  } finally {
    await engine.close();
  }
  return lines;
}

function lineOf(name: string, errors: readonly number[]): Line {
  const [median, p95] = [0.5, 0.95].map((share) => errors[Math.floor(share * (errors.length - 1))]!);
  const says = `ssTEM-vnc, ${name}: median ${median!.toFixed(2)} px, p95 ${p95!.toFixed(2)} px`;
  return { id: name, reader: 'known maps', ok: median! <= medianPx && p95! <= p95Px, detail: says, says };
}
