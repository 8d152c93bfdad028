import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { api } from '../../preload/contract/api.ts';
import { proceduresOf } from '../../preload/contract/define.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { inputFrom, kebab, parseCommandLine, procedureOf } from '../../main/cli-arguments.ts';

const read = (text: string): unknown => {
  const line = parseCommandLine(text.split(' '));
  return inputFrom(procedureOf(line.domain ?? '', line.verb ?? ''), line.flags);
};

describe('flags become the input that the schema asks for', () => {
  test.each([
    [
      'ingest start --library L --source S --layout tiles:T --voxel-size-nm 4,4,40',
      { library: 'L', source: 'S', layout: 'tiles:T', voxelSizeNm: [4, 4, 40] },
    ],
    [
      'ingest start --library=L --source=S --layout=pattern:{row};overlap=10% --voxelSizeNm [4,4,40]',
      { library: 'L', source: 'S', layout: 'pattern:{row};overlap=10%', voxelSizeNm: [4, 4, 40] },
    ],
    ['library open --library L --no-create', { library: 'L', create: false }],
    ['library open --library L --create', { library: 'L', create: true }],
    ['library open --library L --create false', { library: 'L', create: false }],
    [
      'tile review --library L --dataset D --tiles 1,2 --tiles 3 --review rejected',
      { library: 'L', dataset: 'D', tiles: [1, 2, 3], review: 'rejected' },
    ],
    [
      'volume cutout --library L --source V --box -5:10,0:1,0:1 --level 2 --allow-private',
      { library: 'L', source: 'V', box: '-5:10,0:1,0:1', level: 2, allowPrivate: true },
    ],
    [
      'annotate add --library L --volume V --kind point --points-nm [[1,2,-3]] --name {x}',
      { library: 'L', volume: 'V', kind: 'point', pointsNm: [[1, 2, -3]], name: '{x}' },
    ],
    [
      'publish start --library L --volume V --format ome-zarr --metadata m.json --out O',
      { library: 'L', volume: 'V', format: 'ome-zarr', metadata: 'm.json', out: 'O' },
    ],
    [
      'publish start --library L --volume V --format ome-zarr --metadata {"title":"T"} --out O',
      { library: 'L', volume: 'V', format: 'ome-zarr', metadata: { title: 'T' }, out: 'O' },
    ],
  ])('%s', (text, input) => {
    expect(read(text)).toEqual(input);
  });
});

describe('what is wrong is named', () => {
  test.each([
    ['ingest strt', 'Did you mean lamella ingest start?'],
    ['stich start', 'Did you mean lamella stitch?'],
    ['ingest start --library L --sorce S', 'Did you mean --source?'],
    ['ingest start --library L', 'Add --help'],
    ['ingest start --library', 'Add --help'],
    ['ingest start extra --library L', 'A value follows its flag'],
    ['publish start --metadata {"title', 'Check its quotes'],
    ['library open --library L --library M', 'Give it once.'],
    ['library open --library L --threads none', 'Leave it out'],
  ])('%s', (text, hint) => {
    try {
      read(text);
      expect.unreachable();
    } catch (error) {
      expect(isLamellaError(error, 'invalid-input') && error.hint).toContain(hint);
    }
  });

  test('2,000 random command lines end in an input or in a named error', () => {
    const words = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '--',
        '-',
        '--=',
        '--__proto__',
        '--constructor',
        '--library',
        '[',
        '{',
        '--json',
        '--tiles',
        '__proto__',
      ),
    );
    const paths = proceduresOf(api).map(({ path }) => path.split('.'));
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.array(words, { maxLength: 6 }), (path, rest) => {
        try {
          const line = parseCommandLine([...path, ...rest]);
          inputFrom(procedureOf(line.domain ?? '', line.verb ?? ''), line.flags);
        } catch (error) {
          expect(isLamellaError(error, 'invalid-input')).toBe(true);
        }
      }),
      { numRuns: 2000, seed: 4 },
    );
  });
});

test('every example of the contract can be typed', () => {
  for (const { path, procedure } of proceduresOf(api)) {
    const flags = Object.entries(procedure.example as Record<string, unknown>).flatMap(([key, value]) => [
      `--${kebab(key)}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    const line = parseCommandLine([...path.split('.'), ...flags]);
    expect(procedure.input.parse(inputFrom(procedure, line.flags))).toEqual(procedure.input.parse(procedure.example));
  }
});
