// The contract as others see it: it changes on purpose or not at all. `vitest run test/contract -u` accepts a change.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { api } from '../../preload/contract/api.ts';
import { proceduresOf } from '../../preload/contract/define.ts';
import {
  exitCodeByTag,
  LamellaError,
  fromWireError,
  toWireError,
  wireErrorSchema,
} from '../../preload/contract/errors.ts';
import { tasks } from '../../native-workers/tasks.ts';

const procedures = proceduresOf(api);

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): unknown => {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

describe('the contract', () => {
  test('is what it was', async () => {
    const tree = Object.fromEntries(
      procedures.map(({ path, procedure: { kind, doc, input, output } }) => [
        path,
        { kind, doc, input: jsonSchema(input, 'input'), output: jsonSchema(output, 'output') },
      ]),
    );
    await expect(`${JSON.stringify(tree, null, 1)}\n`).toMatchFileSnapshot('contract.snapshot.json');
  });

  test('keeps the exit codes that scripts rely on', () => {
    expect(exitCodeByTag).toMatchInlineSnapshot(`
      {
        "bad-layout": 5,
        "bad-source": 4,
        "cancelled": 22,
        "conflict": 15,
        "disk-full": 14,
        "forbidden": 7,
        "internal": 70,
        "invalid-input": 2,
        "library-damaged": 12,
        "library-locked": 10,
        "library-newer": 11,
        "not-found": 3,
        "not-good-enough": 20,
        "not-writable": 13,
        "over-budget": 6,
        "unauthorized": 18,
        "unreachable": 17,
        "verification-failed": 21,
        "worker-died": 16,
      }
    `);
    const codes = Object.values(exitCodeByTag);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test.each(procedures)('$path has an example that its schema takes, and a doc line', ({ procedure }) => {
    procedure.input.parse(procedure.example);
    expect(procedure.doc).toMatch(/^[A-Z].*\.$/);
    expect(procedure.doc).not.toContain('\n');
  });

  test.each(procedures)('$path takes an object, whose keys are flags, and never a bare any', ({ procedure }) => {
    expect(procedure.input).toBeInstanceOf(z.ZodObject);
    for (const key of Object.keys((procedure.input as z.ZodObject).shape)) expect(key).toMatch(/^[a-z][A-Za-z0-9]*$/);
  });

  test('every verb names its library, or reads a source, but those of home and of the files that the window makes', () => {
    const without = procedures
      .filter(({ procedure }) => !('library' in (procedure.input as z.ZodObject).shape))
      .map(({ path }) => path);
    const elsewhere = /^(home|figure)\./;
    expect(without.filter((path) => !elsewhere.test(path))).toEqual([
      'ingest.detect',
      'block.detect',
      'atlas.describe',
      'view.stateAt',
      'shape.describe',
    ]);
  });
});

describe('errors', () => {
  test('come over a wire as they went', () => {
    const error = new LamellaError('bad-source', 'tile 7 is cut short.', {
      hint: 'Copy it again.',
      fields: { tile: 7 },
      cause: new Error('EOF'),
    });
    const wire = wireErrorSchema.parse(structuredClone(toWireError(error)));
    expect(wire).toEqual({
      tag: 'bad-source',
      message: 'tile 7 is cut short.',
      hint: 'Copy it again.',
      fields: { tile: 7 },
      cause: 'EOF',
    });
    const back = fromWireError(wire);
    expect([back.tag, back.message, back.hint, back.fields]).toEqual([
      error.tag,
      error.message,
      error.hint,
      error.fields,
    ]);
  });

  test.each([['a string'], [new TypeError('x is undefined')], [null], [{ tag: 'bad-source' }]])(
    'anything else that is thrown is internal: %s',
    (thrown) => {
      const wire = wireErrorSchema.parse(toWireError(thrown));
      expect(wire.tag).toBe('internal');
      expect(JSON.stringify(wire)).not.toContain(' at ');
    },
  );
});

test.each(Object.entries(tasks))('the kernel %s says what it does, and its header is an object', (_name, task) => {
  expect(task.doc.length).toBeGreaterThan(20);
  expect(task.version).toBeGreaterThan(0);
  expect(task.input).toBeInstanceOf(z.ZodObject);
});
