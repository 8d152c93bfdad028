import licences from 'spdx-license-list';
import { describe, expect, it } from 'vitest';
import { checkMetadata, metadataOf } from '../../main/engine/journeys/publish/metadata.ts';
import type { Metadata } from '../../preload/contract/publish.ts';
import { seededRandom } from '../formats/mutate.ts';

const good = {
  title: 'A block of nerve cord',
  creators: [{ name: 'Lovelace, Ada' }],
  licence: 'CC-BY-4.0',
  modality: 'EM',
  species: 'Drosophila melanogaster',
  voxelSizeNm: [4, 4, 40],
};
const problemsOf = (change: object) => checkMetadata({ ...good, ...change }).problems;

/** ISO 7064 mod 11-2, written down a second time, from the standard's description: sum of digits times 2^k is 1 mod 11. */
function orcidOf(random: () => number, isRight: boolean): string {
  const digits = Array.from({ length: 15 }, () => Math.floor(random() * 10));
  const weighed = digits.reduce((sum, digit, i) => (sum + digit * 2 ** (15 - i)) % 11, 0);
  const check = (12 - weighed) % 11;
  const last = isRight ? check : (check + 1 + Math.floor(random() * 9)) % 11;
  return [...digits, last === 10 ? 'X' : last].join('').replace(/(.{4})(?=.)/g, '$1-');
}

describe('publication metadata', () => {
  it('refuses a voxel of more than a metre: its unit is a mistake', () => {
    expect(problemsOf({ voxelSizeNm: [1e300, 4, 4] })).toMatchObject([{ field: 'voxelSizeNm' }]);
    expect(problemsOf({ voxelSizeNm: [1e9, 4, 4] })).toEqual([]);
  });

  it('takes 50 right ORCIDs and refuses 50 wrong ones, by name', () => {
    const random = seededRandom(11);
    const known = ['0000-0002-1825-0097', '0000-0001-5109-3700', '0000-0002-1694-233X'];
    for (const orcid of [...known, ...Array.from({ length: 50 }, () => orcidOf(random, true))])
      expect(problemsOf({ creators: [{ name: 'A, B', orcid }] })).toEqual([]);
    for (let i = 0; i < 50; i++) {
      const orcid = orcidOf(random, false);
      expect(problemsOf({ creators: [{ name: 'A, B' }, { name: 'C, D', orcid }] })).toEqual([
        { field: 'creators.1.orcid', message: expect.stringContaining(orcid) },
      ]);
    }
  });

  it('takes 50 SPDX licences and refuses 50 that are none, and tells which was meant', () => {
    const ids = Object.keys(licences).toSorted();
    const some = Array.from({ length: 50 }, (_, i) => ids[Math.floor((i * ids.length) / 50)] ?? '');
    for (const licence of some) expect(problemsOf({ licence })).toEqual([]);
    const bad = some.map((id, i) =>
      i % 2 === 0 ? `${id} ` : id.toLowerCase() === id ? id.toUpperCase() : id.toLowerCase(),
    );
    for (const [i, licence] of bad.entries())
      expect(problemsOf({ licence })).toEqual([
        { field: 'licence', message: expect.stringContaining(`write "${some[i]}"`) },
      ]);
    for (const licence of ['CC-BY', 'public domain', 'constructor', '__proto__'])
      expect(problemsOf({ licence })[0]?.message).toContain('not an SPDX licence id');
  });

  it.each([
    ['title', { title: '' }, 'a title is needed (given: "")'],
    ['title', { title: 'x'.repeat(151) }, '150'],
    ['title', { title: undefined }, 'it is missing: a title of 1 to 150 characters is needed'],
    ['creators', { creators: [] }, 'at least one creator'],
    ['creators.0.name', { creators: [{ name: 'Ada Lovelace' }] }, '"Family, Given" (given: "Ada Lovelace")'],
    [
      'creators.0.orcid',
      { creators: [{ name: 'A, B', orcid: 'https://orcid.org/0000-0002-1825-0097' }] },
      'looks like 0000-0002-1825-0097',
    ],
    ['licence', { licence: '' }, 'SPDX'],
    ['modality', { modality: 'SEM' }, 'it must be one of EM, AT, Ophys, XCT, LM, CL, MR (given: "SEM")'],
    ['species', { species: '  ' }, 'Mus musculus'],
    ['voxelSizeNm', { voxelSizeNm: [4, 4] }, 'it must have 3 items (given: [4,4])'],
    ['voxelSizeNm.2', { voxelSizeNm: [4, 4, 0] }, 'it must be above 0 (given: 0)'],
    ['description', { description: 'x'.repeat(3001) }, '3000'],
    ['license', { license: 'MIT' }, '"licence" is'],
    ['Title', { Title: 'T' }, '"title" is'],
    ['favourite', { favourite: 1 }, 'not a field that Lamella knows'],
  ])('names %s, what was given, and the way out', (field, change, says) => {
    expect(problemsOf(change)).toEqual([{ field, message: expect.stringContaining(says) }]);
  });

  it('names every problem of metadata that is not ready, and counts what goes beyond twenty', async () => {
    const refused = async (given: unknown): Promise<string> =>
      metadataOf(given as Metadata).then(
        () => 'taken',
        (error: Error) => error.message,
      );
    const few = await refused({ ...good, title: '', licence: 'X', modality: 'SEM', species: '', a: 1, b: 2, c: 3 });
    for (const field of ['title', 'licence', 'modality', 'species', 'a', 'b', 'c']) expect(few).toContain(`${field}: `);
    expect(few).not.toMatch(/more|Invalid|expected/);
    const junk = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`junk${i}`, i]));
    expect(await refused({ ...good, ...junk })).toContain('junk19: it is not a field that Lamella knows; and 5 more.');
  });

  it('tells every problem at once, also the licence, and what is no object at all', () => {
    expect(
      problemsOf({ title: '', licence: 'X', species: '', mood: 1 })
        .map(({ field }) => field)
        .toSorted(),
    ).toEqual(['licence', 'mood', 'species', 'title']);
    for (const given of [null, 3, 'text', [], undefined])
      expect(checkMetadata(given).problems.length).toBeGreaterThan(0);
  });
});
