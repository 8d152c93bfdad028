// Sources that stall, fail, lie, change and vanish, all in one view: each layer says so in a line of its own, the sound one is
// drawn, and once the sources are well, trying again shows them all.
import { expect } from '@playwright/test';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { resultOf } from '../engine/follow-job.ts';
import { writeSynthetic } from '../engine/synthetic-volume.ts';
import type { Fault, FaultServer } from '../sources/fault-server.ts';
import { faultServer } from '../sources/fault-server.ts';
import { pngChunks } from '../renderer/png-pixels.ts';
import { beginFigure, pngTexts } from './figure-export.ts';
import { startLamella, test } from './lamella-window.ts';
import { greyLevels, paneOf } from './panes.ts';
import { openDocument } from './view-library.ts';

const sizeXyz: Vec3 = [256, 128, 64];
const secondChunk = '128-256_0-128_0-64';

/** What is wrong with each, and what its layer says. */
const sick: Readonly<Record<string, { readonly fault?: Fault; readonly says: RegExp }>> = {
  stalls: { fault: { kind: 'half-open' }, says: /no answer came in 5 s/i },
  fails: { fault: { kind: 'status', status: 500 }, says: /its server answers 500/i },
  lies: { says: /A part can’t be read: it holds 1000 bytes, not the 1048576 of its voxels/ },
  changes: { says: /It was changed at its source|It is another volume now: it has 200 x 128 x 64 voxels/ },
  vanishes: { says: /Its files are gone/ },
};
const names = [...Object.keys(sick), 'well'];

function put(server: FaultServer, folder: string, name: string, size = sizeXyz): void {
  const at = join(folder, name);
  rmSync(at, { recursive: true, force: true });
  writeSynthetic(at, size);
  for (const key of server.files.keys()) if (key.startsWith(`/${name}/`)) server.files.delete(key);
  for (const file of readdirSync(at, { recursive: true, encoding: 'utf8' }))
    if (statSync(join(at, file)).isFile())
      server.files.set(`/${name}/${file}`, { bytes: readFileSync(join(at, file)) });
}

async function addAll(server: FaultServer, folder: string, library: string): Promise<readonly Volume[]> {
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  const volumes: Volume[] = [];
  for (const name of names) {
    put(server, folder, name);
    const source = name === 'vanishes' ? join(folder, name) : `${server.origin}/${name}`;
    const adding = client.volume.add({ library, source, pyramid: 'none', allowPrivate: true });
    const { volume } = await resultOf<{ volume: string }>(client, library, adding);
    // What adding read is not to be shown from the cache.
    volumes.push((await client.volume.refresh({ library, volume })).volume);
  }
  await engine.close();
  return volumes;
}

function sicken(server: FaultServer, folder: string): void {
  server.script = ({ path }) => (path.endsWith(secondChunk) ? sick[path.split('/')[1] ?? '']?.fault : undefined);
  const key = `/lies/8_8_8/${secondChunk}`;
  server.files.set(key, { bytes: (server.files.get(key)?.bytes ?? new Uint8Array()).subarray(0, 1000) });
  put(server, folder, 'changes', [200, 128, 64]);
  renameSync(join(folder, 'vanishes'), join(folder, 'elsewhere'));
}

function heal(server: FaultServer, folder: string): void {
  server.script = () => undefined;
  for (const name of ['lies', 'changes']) put(server, folder, name);
  renameSync(join(folder, 'elsewhere'), join(folder, 'vanishes'));
}

test('each layer says what is wrong with its source, the others are drawn, and trying again brings all back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-sick-'));
  const server = await faultServer();
  const library = join(folder, 'library');
  const volumes = await addAll(server, folder, library);
  sicken(server, folder);
  const { app, page, profile, problems } = await startLamella({ args: ['--library', library] });
  try {
    // One above the other, so that each has a band of the pane.
    const layers = volumes.map((volume, i) => ({
      ...imageLayer(volume, 0, names[i] ?? ''),
      ...{ name: names[i] ?? '', window: [0, 60] as const, blend: 'over' as const },
      worldFromLayer: [1, 0, 0, 0, 0, 1, 0, i * 1024, 0, 0, 1, 0],
    }));
    const [width, height] = [256 * 8, names.length * 1024];
    const look = { positionNm: [width / 2, height / 2, 256] as Vec3, nmPerPx: 12, fitted: false, alone: 'xy' };
    await openDocument(page, volumes[0]?.id ?? '', { ...freshDocument, ...look, layers, selectedLayer: 'well' });
    for (const { says } of Object.values(sick)) await expect(page.getByText(says).first()).toBeVisible();
    await expect(page.locator('.layer-problem')).toHaveCount(Object.keys(sick).length);

    const { grey, width: across, height: down } = await greyLevels(page, 'xy');
    const box = await paneOf(page, 'xy').boundingBox();
    const ratio = across / (box?.width ?? across);
    /** Shades of the right half of a band: what the second chunk holds. */
    const shadesOf = (all: readonly number[], name: string): number => {
      const y = down / 2 + ((names.indexOf(name) + 0.5) * 1024 - height / 2) * (ratio / 12);
      const row = Math.floor(y) * across;
      const from = Math.floor(across / 2 + (100 * ratio) / 12);
      return new Set(all.slice(row + from, row + from + Math.floor((800 * ratio) / 12))).size;
    };
    expect(shadesOf(grey, 'well')).toBeGreaterThan(10);
    expect(shadesOf(grey, 'stalls')).toBe(1);
    // The window answers all the while.
    const z = page.getByLabel('z, nm', { exact: true });
    const before = await z.inputValue();
    await paneOf(page, 'xy').focus();
    await page.keyboard.press('PageDown');
    await expect(z).not.toHaveValue(before);

    // A figure waits for what does not come, says what that is, and is made without it where the user says so.
    const out = join(folder, 'figure.png');
    await beginFigure({ app, page, profile, problems }, out, { pane: 'xy', widthPx: 600, overlay: false });
    const waits = page.getByRole('dialog', { name: 'Export a figure' }).getByRole('alert');
    for (const name of Object.keys(sick)) await expect(waits).toContainText(name);
    await expect(waits).not.toContainText('well');
    expect(readdirSync(folder).includes('figure.png')).toBe(false);
    await waits.getByRole('button', { name: 'Export with what is there' }).click();
    await expect(page.getByText('“vanishes” is not whole')).toBeVisible({ timeout: 30_000 });
    const told = pngTexts(pngChunks(new Uint8Array(readFileSync(out))));
    for (const name of Object.keys(sick)) expect(told['Warning']).toContain(`"${name}" is not whole`);

    heal(server, folder);
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await expect(page.locator('.layer-problem')).toHaveCount(0, { timeout: 60_000 });
    await expect(page.getByLabel('Drawing', { exact: true })).toContainText('sharp');
    for (const name of names)
      await expect.poll(async () => shadesOf((await greyLevels(page, 'xy')).grey, name), name).toBeGreaterThan(10);
    expect(problems).toEqual([]);
  } finally {
    await app.close();
    await server.close();
    for (const left of [folder, profile]) rmSync(left, { recursive: true, force: true });
  }
});
