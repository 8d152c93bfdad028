// Array tomography from ground truth: 6 sessions of 4 channels and EM at pixels a quarter the size, of the same sections.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { registrationResultSchema } from '../../preload/contract/channels.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { type CutSection, nameOf, sectionFrom } from './cut-sections.ts';
import { type ImagedSession, sectionNm, writeSession } from './imaged-sessions.ts';
import { type TempEngine, tempEngine } from './temp-engine.ts';
import { exportedMaps } from './exported-maps.ts';

type Result = z.infer<typeof registrationResultSchema>;

const spread = (z: number, k: number): number => ((z * 37 + k * 61) % 41) / 20 - 1;
const sides = 208;

/** What repeated staining gives: the reference as it fades, its opposite, and two others. */
const stainsOf = (session: number): ImagedSession['stains'] => [
  ['DAPI', (grey) => 20 + (0.9 - 0.07 * session) * grey],
  ['opposite', (grey) => 255 - (20 + (0.9 - 0.07 * session) * grey)],
  ['dim', (grey) => 40 + 0.3 * grey],
  ['squared', (grey) => (grey * grey) / 255],
];

function lightSession(session: number, numbers: readonly number[]): ImagedSession {
  const sections = numbers.map((z): CutSection => {
    const seed = 10 * session + z;
    return {
      z,
      seed,
      sidePx: sides,
      degrees: 3 * spread(seed, 0),
      shift: [22 * spread(seed, 1), 22 * spread(seed, 2)],
      bendPx: 2.5,
      scale: 1 + 0.02 * spread(session, 3),
      blank: session === 3 && z === 1,
    };
  });
  return { name: `Day ${session}`, pixelNm: 100, sections, stains: stainsOf(session) };
}

const em: ImagedSession = {
  name: 'EM',
  pixelNm: 25,
  sections: [0, 1, 2].map((z) => ({
    z,
    seed: 90 + z,
    sidePx: 4 * 190,
    degrees: 6 * spread(z, 7),
    shift: [9, -12],
    bendPx: 3,
    scale: 0.25,
  })),
  stains: [['EM', (grey) => 240 - 0.8 * grey]],
};

/** Imports sessions; gives their datasets. */
async function imported(at: TempEngine, sessions: readonly ImagedSession[]): Promise<readonly string[]> {
  const datasets: string[] = [];
  for (const session of sessions) {
    const source = join(at.folder, session.name);
    writeSession(source, session);
    const { pixelNm, name } = session;
    const asked = { source, name, layout: 'render:layout.json', voxelSizeNm: [pixelNm, pixelNm, sectionNm] as const };
    const { dataset } = await at.result<{ dataset: string }>(
      at.client.ingest.start({ library: at.library, ...asked, voxelSizeNm: [...asked.voxelSizeNm] }),
    );
    datasets.push(dataset);
  }
  return datasets;
}

/** Nanometres between where tissue comes to in a session and where it lies in the frame, ascending. */
async function errorsNm(
  at: TempEngine,
  of: readonly [ImagedSession, string],
  frame: readonly [ImagedSession, string],
  left: readonly number[] = [],
): Promise<readonly number[]> {
  const [own, there] = [await exportedMaps(at, of[1]), await exportedMaps(at, frame[1])];
  const errors: number[] = [];
  for (const section of of[0].sections) {
    if (left.includes(section.z)) continue;
    const other = frame[0].sections.find(({ z }) => z === section.z)!;
    for (let i = 0; i < 49; i++) {
      const tissue = [500 + 60 * ((i % 7) / 3 - 1), 500 + 60 * (Math.floor(i / 7) / 3 - 1)] as const;
      const [p, q] = [[section, own, of[0]] as const, [other, there, frame[0]] as const].map(
        ([cut, maps, { pixelNm }]) => {
          const place = Float64Array.from(sectionFrom(cut, tissue));
          maps.get(nameOf(cut))!.forward(place, place);
          return place.map((v) => v * pixelNm);
        },
      );
      errors.push(Math.hypot(p![0]! - q![0]!, p![1]! - q![1]!));
    }
  }
  return errors.toSorted((a, b) => a - b);
}

const part = (values: readonly number[], share: number): number => values[Math.floor(share * (values.length - 1))]!;

test('24 channels of six sessions and EM come to one frame to a part of a pixel; what cannot is named', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const light = [0, 1, 2, 3, 4, 5].map((session) => lightSession(session, session === 4 ? [0, 1] : [0, 1, 2]));
  const unrelated = { ...lightSession(7, [0, 1]), name: 'Another sample', elsewhere: 900 };
  const sessions = [...light, em, unrelated];
  const datasets = await imported(at, sessions);
  const asked = datasets.map((dataset) => ({ dataset, ...(dataset === datasets[1] && { channel: 'DAPI' }) }));
  const done = await at.result<Result>(client.align.channels({ library, sessions: asked }));
  const stackOf = (i: number): string => done.stacks.find(({ dataset }) => dataset === datasets[i])!.stack;
  const frame = [light[0]!, stackOf(0)] as const;

  const ofLight = await Promise.all(
    [1, 2, 3, 4, 5].map((i) => errorsNm(at, [light[i]!, stackOf(i)], frame, i === 3 ? [1] : [])),
  );
  const errors = ofLight.flat().toSorted((a, b) => a - b);
  expect(part(errors, 0.5)).toBeLessThanOrEqual(0.5 * 100);
  expect(part(errors, 0.95)).toBeLessThanOrEqual(1.5 * 100);
  const ofEm = await errorsNm(at, [em, stackOf(6)], frame);
  expect(part(ofEm, 0.5)).toBeLessThanOrEqual(0.5 * 100);
  expect(part(ofEm, 0.95)).toBeLessThanOrEqual(2 * 100);

  const { value: report } = await client.align.channelReport({ library, stack: stackOf(2) });
  expect(report.sessions.map(({ verdict }) => verdict)).toEqual([
    'pass',
    'pass',
    'pass',
    'warn',
    'warn',
    'pass',
    'pass',
    'fail',
  ]);
  expect(report.sessions[6]!.contrast).toBe('edges');
  expect(report.sessions[3]!.sections[1]).toMatchObject({ section: 1, state: 'lost', via: datasets[0] });
  expect(report.sessions[4]!.reasons).toEqual(['section 2 missing: this session does not have it']);
  expect(done).toMatchObject({ verdict: 'warn', failed: [datasets[7]], kept: 5 * 3 - 2 + 3 });
  // What is said of the misses, each block left out of what it is held against, is no better than the truth.
  expect(report.sessions[1]!.medianNm).toBeGreaterThan(part(ofLight[0]!, 0.5));
  expect(report.sessions[1]!.medianNm).toBeLessThan(50);

  const { volume } = await at.result<{ volume: string }>(client.stitch.fuse({ library, stack: stackOf(2) }));
  const { value: fused } = await client.view.volume({ library, volume });
  expect(fused.channels.map(({ name }) => name)).toEqual(['DAPI', 'dim', 'opposite', 'squared']);
  const [own, opposite] = await Promise.all(
    [0, 2].map((channel) => voxelsOf(at, volume, fused.levels[0]!.size, channel)),
  );
  expect(own!.filter((grey) => grey > 0).length).toBeGreaterThan(0.8 * 3 * sides * sides);
  expect(own!.every((grey, i) => (grey === 0) === (opposite![i] === 0))).toBe(true);
  expect(own!.every((grey, i) => grey === 0 || Math.abs(grey + opposite![i]! - 255) <= 1)).toBe(true);
}, 120_000);

async function voxelsOf(
  { client, library }: TempEngine,
  source: string,
  [x, y, z]: readonly number[],
  channel: number,
): Promise<Uint8Array> {
  const { bytes } = await client.volume.cutout({ library, source, box: `0:${x},0:${y},0:${z}`, channel });
  return bytes ?? new Uint8Array();
}

test('EM may be the frame; a session of another sample alone is no success', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const light = { ...lightSession(1, [0, 1]), stains: stainsOf(1).slice(0, 1) };
  const other = { ...lightSession(7, [0, 1]), name: 'Another sample', elsewhere: 900, stains: stainsOf(7).slice(0, 1) };
  const [day, sem, unrelated] = await imported(at, [light, em, other]);
  const sessions = [{ dataset: day! }, { dataset: sem!, contrast: 'edges' as const }];
  const done = await at.result<Result>(client.align.channels({ library, sessions, frame: sem! }));
  expect(done.verdict).toBe('warn');
  const stackOf = (dataset: string): string => done.stacks.find((one) => one.dataset === dataset)!.stack;
  const errors = await errorsNm(at, [light, stackOf(day!)], [em, stackOf(sem!)]);
  expect(part(errors, 0.5)).toBeLessThanOrEqual(0.5 * 100);
  const { value } = await client.stack.list({ library, dataset: sem! });
  expect(value.stacks).toHaveLength(1);
  const failed = await at
    .result(client.align.channels({ library, sessions: [{ dataset: day! }, { dataset: unrelated! }] }))
    .then(
      () => null,
      (error: unknown) => error,
    );
  expect(isLamellaError(failed, 'not-good-enough') && failed.message).toContain('Another sample: no section of it');
}, 60_000);
