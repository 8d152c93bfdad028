import { expect, test } from 'vitest';
import { z } from 'zod';
import { plainWords, wordIssue } from '../../preload/contract/issues.ts';

const worded = (schema: z.ZodType, given: unknown): readonly string[] =>
  (schema.safeParse(given, { error: plainWords }).error?.issues ?? [])
    .flatMap((issue) => wordIssue(issue, given))
    .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));

const size = z.tuple([z.number(), z.number(), z.number()]);
const either = z.union([z.strictObject({ title: z.string().min(1), size }), z.string().min(1)]);

test.each<[z.ZodType, unknown, string]>([
  [z.enum(['EM', 'LM']), 'SEM', 'it must be one of EM, LM (given: "SEM")'],
  [z.literal('folder'), 'ftp', 'it must be folder (given: "ftp")'],
  [size, [4, 4], 'it must have 3 items (given: [4,4])'],
  [size, [4, 4, 4, 4], 'it must have 3 items (given: [4,4,4,4])'],
  [z.array(z.number()).min(1), [], 'it must not be empty (given: [])'],
  [z.array(z.number()).max(16), Array(17).fill(0), 'it must have at most 16 items (given: 17 items)'],
  [z.string().min(2), 'a', 'it must have at least 2 characters (given: "a")'],
  [z.string().max(1), 'ab', 'it must have at most 1 character (given: "ab")'],
  [z.string().min(1, 'a title is needed'), '', 'a title is needed (given: "")'],
  [z.number().positive(), 0, 'it must be above 0 (given: 0)'],
  [z.number().max(1), 4, 'it must be at most 1 (given: 4)'],
  [z.number().int(), 1.5, 'it must be a whole number (given: 1.5)'],
  [z.number(), 'x', 'it must be a finite number (given: "x")'],
  [z.number(), Number.NaN, 'it must be a finite number (given: NaN)'],
  [z.number(), 7n, 'it must be a finite number (given: 7)'],
  [z.number(), { a: 7n }, 'it must be a finite number (given: an object that is no JSON)'],
  [z.boolean(), 'yes', 'it must be true or false (given: "yes")'],
  [z.object({ a: z.number() }), {}, 'a: it is missing'],
  [z.strictObject({ a: z.number() }), { a: 1, b: 2 }, 'it has "b", which Lamella does not know (given: {"a":1,"b":2})'],
  [either, 3, 'it must be an object with named fields or text (given: 3)'],
  [either, undefined, 'it is missing'],
  [either, { title: 'T', size: [4, 4, 'x'] }, 'size.2: it must be a finite number (given: "x")'],
  [z.string().max(9), 'x'.repeat(5000), `"${'x'.repeat(100)}"… of 5000 characters`],
])('%# says what is allowed and what was given', (schema, given, says) => {
  expect(worded(schema, given)).toEqual([expect.stringContaining(says)]);
});

test('nothing that a schema of the wire says is in the words of its library', () => {
  const given = { a: 'x', b: [], c: 'q', d: null, e: 1e300 };
  const schema = z.object({ a: z.number(), b: size, c: z.enum(['p']), d: z.string(), e: z.number().int().max(9) });
  expect(worded(schema, given).join('\n')).not.toMatch(/invalid|expected|received|too (small|big)/i);
});
