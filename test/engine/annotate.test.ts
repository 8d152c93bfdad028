import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../main/engine/index.ts';
import { csvOf } from '../../main/engine/formats/csv.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { makeSampleVolume, newFolder, type SampleVolume } from './sample-volume.ts';

describe('annotations', () => {
  const home = newFolder();
  let engine: Engine;
  let client: LamellaClient;
  let sample: SampleVolume;
  let inVolume: { library: string; volume: string };
  beforeAll(async () => {
    sample = await makeSampleVolume(home.folder, { sizeXyz: [16, 16, 4], chunkXyz: [16, 16, 4] });
    engine = createEngine({ threads: 1 });
    client = engine.client();
    inVolume = { library: sample.library, volume: sample.volume };
  });
  afterAll(async () => {
    await engine.close();
    home.remove();
  });
  const list = async () => (await client.annotate.list(inVolume)).value.annotations;
  const undoLabel = async () => (await client.library.info({ library: sample.library })).value.undo;

  it('are added, changed and removed, each step with its name, and undone after a restart', async () => {
    const point = await client.annotate.add({
      ...inVolume,
      kind: 'point',
      pointsNm: [[400, -401.5, 40]],
      name: 'synapse 1',
    });
    expect(await undoLabel()).toBe('Add point synapse 1');
    const line = await client.annotate.add({
      ...inVolume,
      kind: 'line',
      pointsNm: [
        [0, 0, 0],
        [1, 2, 3],
      ],
    });
    expect(await undoLabel()).toBe('Add line');
    await client.annotate.update({ library: sample.library, annotation: line.id, name: 'axon' });
    expect(await undoLabel()).toBe('Rename line to axon');
    await client.annotate.update({
      library: sample.library,
      annotation: line.id,
      pointsNm: [
        [0, 0, 0],
        [9, 9, 9],
      ],
    });
    expect(await undoLabel()).toBe('Move line axon');
    await client.annotate.update({ library: sample.library, annotation: line.id, name: 'axon' });
    expect(await undoLabel()).toBe('Move line axon');
    await client.annotate.remove({ library: sample.library, annotation: point.id });
    expect(await undoLabel()).toBe('Remove point synapse 1');
    expect((await list()).map(({ id }) => id)).toEqual([line.id]);

    await client.library.close({ library: sample.library });
    await client.library.undo({ library: sample.library });
    await client.library.undo({ library: sample.library });
    expect((await list()).map(({ name, pointsNm }) => [name, pointsNm])).toEqual([
      ['synapse 1', [[400, -401.5, 40]]],
      [
        'axon',
        [
          [0, 0, 0],
          [1, 2, 3],
        ],
      ],
    ]);
    await client.library.redo({ library: sample.library });
    expect((await list())[1]?.pointsNm).toEqual([
      [0, 0, 0],
      [9, 9, 9],
    ]);
  });

  it('say what is wrong with them', async () => {
    await expect(
      client.annotate.add({
        ...inVolume,
        kind: 'point',
        pointsNm: [
          [0, 0, 0],
          [1, 1, 1],
        ],
      }),
    ).rejects.toMatchObject({ tag: 'invalid-input', message: expect.stringContaining('pointsNm') });
    await expect(client.annotate.add({ ...inVolume, kind: 'line', pointsNm: [[0, 0, 0]] })).rejects.toMatchObject({
      tag: 'invalid-input',
      message: expect.stringContaining('two places'),
    });
    await expect(
      client.annotate.add({ ...inVolume, kind: 'point', pointsNm: [[0, Number.NaN, 0]] }),
    ).rejects.toMatchObject({ tag: 'invalid-input' });
    await expect(
      client.annotate.add({ ...inVolume, volume: 'volume-gone', kind: 'point', pointsNm: [[0, 0, 0]] }),
    ).rejects.toMatchObject({ tag: 'not-found' });
    await expect(
      client.annotate.remove({ library: sample.library, annotation: 'annotation-gone' }),
    ).rejects.toMatchObject({ tag: 'not-found' });
    await expect(
      client.annotate.update({ library: sample.library, annotation: 'annotation-gone', name: 'x' }),
    ).rejects.toMatchObject({ tag: 'not-found' });
  });

  it('are exported as CSV that Python reads back, whatever is in their names', async () => {
    const names = ['plain', 'a "quoted", name', '=1+1', '@x', '-3', 'two\nlines', ' spaces ', 'µm ∆', "it's"];
    for (const name of names)
      await client.annotate.add({ ...inVolume, kind: 'point', pointsNm: [[1.5, -2, 1e21]], name, note: name });
    const out = join(home.folder, 'annotations.csv');
    const { value } = await client.annotate.export({ ...inVolume, out });
    const bytes = readFileSync(out);
    expect(value).toEqual({ file: out, annotations: 11, sha256: createHash('sha256').update(bytes).digest('hex') });
    const rows = JSON.parse(
      execFileSync(
        'python3',
        [
          '-c',
          'import csv,json,sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8"), strict=True))))',
          out,
        ],
        { encoding: 'utf8' },
      ),
    ) as string[][];
    expect(rows[0]).toEqual([
      'id',
      'kind',
      'name',
      'note',
      'x1_nm',
      'y1_nm',
      'z1_nm',
      'x2_nm',
      'y2_nm',
      'z2_nm',
      'created_at',
      'updated_at',
    ]);
    expect(rows.slice(3).map((row) => row[2])).toEqual(names.map((name) => (/^[=@-]/.test(name) ? `'${name}` : name)));
    expect(rows.slice(3).map((row) => row.slice(4, 10))).toEqual(names.map(() => ['1.5', '-2', '1e+21', '', '', '']));
    expect(bytes.includes('\r\n')).toBe(true);
  });
});

describe('CSV', () => {
  it('keeps numbers as numbers and defuses formulas', () => {
    expect(
      csvOf(
        ['a', 'b'],
        [
          [-1.25, '+1'],
          [null, '\t=x'],
          [3, 'a\r\nb'],
        ],
      ),
    ).toBe('a,b\r\n-1.25,\'+1\r\n,\'\t=x\r\n3,"a\r\nb"\r\n');
  });
});
