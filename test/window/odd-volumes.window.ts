// Volumes that no camera makes, and views that nobody makes by hand: drawn, or refused by name; never a frozen window.
import { expect } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Volume } from '../../preload/contract/library.ts';
import type { Layer, ViewDocument } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { imageLayer, layersOf, segmentationLayer } from '../../renderer/state/layers.ts';
import { waitUntilDrawn } from './figures.ts';
import { writeLabels } from './known-volumes.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella, test } from './lamella-window.ts';
import { greyLevels, shadesIn } from './panes.ts';
import { libraryOf, openDocument } from './view-library.ts';

const size = [64, 64, 16] as const;
const voxels = size[0] * size[1] * size[2];

function writeRaw(folder: string, dataType: string, bytes: Uint8Array): string {
  mkdirSync(join(folder, 'full'), { recursive: true });
  writeFileSync(join(folder, 'full', `0-${size[0]}_0-${size[1]}_0-${size[2]}`), bytes);
  const scale = {
    key: 'full',
    size,
    resolution: [10, 10, 30],
    voxel_offset: [0, 0, 0],
    chunk_sizes: [size],
    encoding: 'raw',
  };
  writeFileSync(
    join(folder, 'info'),
    JSON.stringify({ type: 'image', data_type: dataType, num_channels: 1, scales: [scale] }),
  );
  return folder;
}

/** Waves, with a third of the voxels no number, and one infinite of either sign. */
function writeNaN(folder: string): string {
  const values = Float32Array.from({ length: voxels }, (_, i) => (i % 3 === 0 ? NaN : Math.sin((i % size[0]) / 5)));
  values[1] = Infinity;
  values[2] = -Infinity;
  return writeRaw(folder, 'float32', new Uint8Array(values.buffer));
}

async function withSources(
  write: (folder: string) => readonly string[],
  use: (window: LamellaWindow & { readonly volumes: readonly Volume[]; readonly folder: string }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-odd-'));
  const { library, volumes } = await libraryOf(folder, write(folder));
  const window = await startLamella({ args: ['--library', library] });
  try {
    await use({ ...window, volumes, folder });
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

const documentOf = (layers: readonly Layer[], change: Partial<ViewDocument> = {}): ViewDocument => ({
  ...freshDocument,
  positionNm: [320, 320, 240],
  layers,
  selectedLayer: layers[0]?.id ?? null,
  ...change,
});

test('voxels that are no numbers, and volumes of one value, are drawn', async () => {
  const write = (folder: string): readonly string[] => [
    writeNaN(join(folder, 'nan')),
    writeRaw(join(folder, 'sevens'), 'uint8', new Uint8Array(voxels).fill(7)),
    writeRaw(join(folder, 'zeros'), 'uint16', new Uint8Array(2 * voxels)),
  ];
  await withSources(write, async ({ page, volumes }) => {
    const [odd, sevens, zeros] = volumes as [Volume, Volume, Volume];
    for (const volume of volumes) {
      await openDocument(page, volume.id, documentOf(layersOf(volume)));
      await waitUntilDrawn(page);
    }
    await openDocument(page, odd.id, documentOf([{ ...imageLayer(odd, 0, 'a'), window: [-1, 1] }]));
    await waitUntilDrawn(page);
    await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(20);
    // A window without extent: what is at it or above is white, what is below it black.
    await openDocument(page, sevens.id, documentOf([{ ...imageLayer(sevens, 0, 'a'), window: [7, 7] }]));
    await waitUntilDrawn(page);
    await expect.poll(async () => (await greyLevels(page, 'xy')).grey.includes(255)).toBe(true);
    expect(zeros.window[1]).toBeGreaterThan(zeros.window[0]);
  });
});

test('10,000 selected labels are one small step', async () => {
  await withSources(
    (folder) => [writeLabels(join(folder, 'labels'))],
    async ({ page, volumes }) => {
      const [labels] = volumes as [Volume];
      const selected = Array.from({ length: 10_000 }, (_, i) => String(BigInt(i) * 1_234_567_891n + 5n));
      const layer = { ...segmentationLayer(labels, 'labels'), selected, shows: 'all' as const };
      await openDocument(page, labels.id, documentOf([layer]));
      await waitUntilDrawn(page);
      await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(2);
      await page.keyboard.press('PageDown');
      await expect(page.getByLabel('Drawing', { exact: true })).toHaveAttribute('data-state', 'sharp');
    },
  );
});

test('200 layers are all listed, 16 are drawn, and the view comes back with them', async () => {
  const write = (folder: string): readonly string[] => [
    writeRaw(
      join(folder, 'waves'),
      'uint8',
      Uint8Array.from({ length: voxels }, (_, i) => 100 + 90 * Math.sin((i % size[0]) / 4)),
    ),
  ];
  await withSources(write, async ({ page, volumes }) => {
    const [waves] = volumes as [Volume];
    const layers = Array.from({ length: 200 }, (_, i) => ({
      ...imageLayer(waves, 0, `layer-${i}`),
      name: `Layer ${i}`,
      visible: i < 16,
      blend: i === 0 ? ('over' as const) : ('additive' as const),
      opacity: i === 0 ? 1 : 0.05,
      worldFromLayer: i === 0 ? null : [1, 0, 0, i * 10, 0, 1, 0, 0, 0, 0, 1, 0],
    }));
    await openDocument(page, waves.id, documentOf(layers));
    await waitUntilDrawn(page);
    await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(30);
    const list = page.getByRole('listbox', { name: 'Layers' }).or(page.getByRole('list', { name: 'Layers' }));
    await expect(list).toBeVisible();
    await expect(page.getByText('200', { exact: true }).first()).toBeVisible();
    // A view is kept a moment after it changed.
    const kept = async (): Promise<readonly Layer[]> => {
      const text = await page.evaluate((id) => localStorage.getItem(`lamella.view.4.${id}`), waves.id);
      return (JSON.parse(text ?? 'null') as { document: ViewDocument } | null)?.document.layers ?? [];
    };
    await expect.poll(async () => (await kept()).length).toBe(200);
    expect((await kept()).filter(({ visible }) => visible).length).toBe(16);
  });
});
