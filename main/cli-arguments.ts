// What a command line says, read by the contract: its words name a procedure, its flags are the keys of the input.
import { z } from 'zod';
import { api } from '../preload/contract/api.ts';
import type { Procedure } from '../preload/contract/define.ts';
import { LamellaError } from '../preload/contract/errors.ts';
import { nearest } from './engine/nearest.ts';
import { unwrapped } from './engine/path-refs.ts';

export interface CommandLine {
  readonly domain: string | null;
  readonly verb: string | null;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly threads: number | undefined;
  /** Flag as written, without dashes, and its values; [] for a bare flag. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

/** Flags that take no value, whatever the procedure. */
const SWITCHES = new Set(['json', 'help', 'h', 'version', 'V']);

/** Splits words from flags. A flag's value is the next word, or follows `=`; a word that starts with `--` is no value. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const words: string[] = [];
  const flags = new Map<string, string[]>();
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    const [, name, joined] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) {
      words.push(word);
      continue;
    }
    const values = flags.get(name) ?? [];
    flags.set(name, values);
    const next = argv[i + 1];
    if (joined !== undefined) values.push(joined);
    else if (!SWITCHES.has(name) && next !== undefined && !/^--[A-Za-z]/.test(next)) values.push(argv[++i] ?? '');
  }
  if (words.length > 2)
    throw usage(
      `${JSON.stringify(words[2])} is one word too many.`,
      'A value follows its flag: --library DIR. Put quotes around a value with spaces.',
    );
  const has = (...names: string[]): boolean => names.some((name) => flags.has(name));
  const line = {
    domain: words[0] ?? null,
    verb: words[1] ?? null,
    json: has('json'),
    help: has('help', 'h'),
    version: has('version', 'V'),
    threads: threadsOf(flags),
  };
  for (const name of [...SWITCHES, 'threads']) flags.delete(name);
  return { ...line, flags };
}

function threadsOf(flags: ReadonlyMap<string, readonly string[]>): number | undefined {
  const text = flags.get('threads')?.at(-1);
  if (text === undefined && !flags.has('threads')) return undefined;
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1 || threads > 256)
    throw usage(
      `--threads takes a whole number from 1 to 256, not ${JSON.stringify(text ?? '')}.`,
      'Leave it out to use every core.',
    );
  return threads;
}

/** The procedure that two words name; 'invalid-input' with the nearest one otherwise. */
export function procedureOf(domain: string, verb: string): Procedure {
  const verbs = verbsOf(domain);
  const procedure = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (procedure) return procedure;
  const near = nearest(verb, Object.keys(verbs));
  throw usage(
    `lamella ${domain} has no verb ${JSON.stringify(verb)}.`,
    near ? `Did you mean lamella ${domain} ${near}?` : `lamella ${domain} --help lists its verbs.`,
  );
}

export function verbsOf(domain: string): Readonly<Record<string, Procedure>> {
  if (Object.hasOwn(api, domain)) return api[domain as keyof typeof api];
  const near = nearest(domain, Object.keys(api));
  throw usage(
    `There is no domain ${JSON.stringify(domain)}.`,
    near ? `Did you mean lamella ${near}?` : 'lamella --help lists them.',
  );
}

export const shapeOf = (procedure: Procedure): Readonly<Record<string, z.ZodType>> =>
  procedure.input instanceof z.ZodObject ? (procedure.input.shape as Record<string, z.ZodType>) : {};

export const kebab = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const camel = (flag: string): string => flag.replaceAll(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());

export const isRequired = (schema: z.ZodType): boolean => !schema.safeParse(undefined).success;

/** The input of a procedure, each flag turned into what its schema asks for. The engine checks it afterwards. */
export function inputFrom(procedure: Procedure, flags: CommandLine['flags']): Readonly<Record<string, unknown>> {
  const shape = shapeOf(procedure);
  const input: Record<string, unknown> = {};
  for (const [flag, values] of flags) {
    const key = camel(flag);
    const positive = camel(flag.replace(/^no-/, ''));
    if (Object.hasOwn(shape, key)) input[key] = fromValues(flag, shape[key] as z.ZodType, values);
    else if (Object.hasOwn(shape, positive) && isBoolean(shape[positive] as z.ZodType)) input[positive] = false;
    else throw unknownFlag(flag, Object.keys(shape));
  }
  const missing = Object.keys(shape).filter((key) => !(key in input) && isRequired(shape[key] as z.ZodType));
  if (missing.length > 0)
    throw usage(
      `${missing.map((key) => `--${kebab(key)}`).join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing.`,
      'Add --help to see every flag with an example.',
    );
  return input;
}

function unknownFlag(flag: string, keys: readonly string[]): LamellaError {
  const near = nearest(camel(flag), keys);
  return usage(
    `There is no flag --${flag} here.`,
    near ? `Did you mean --${kebab(near)}?` : 'Add --help to see every flag.',
  );
}

function fromValues(flag: string, schema: z.ZodType, values: readonly string[]): unknown {
  if (values.length === 0) {
    if (isBoolean(schema)) return true;
    throw usage(`--${flag} needs a value.`, 'Add --help to see every flag with an example.');
  }
  const core = coreOf(schema);
  if (core instanceof z.ZodArray && values.length > 1)
    return values.flatMap((value) => fromText(flag, core, value) as unknown[]);
  if (values.length > 1) throw usage(`--${flag} is given ${values.length} times.`, 'Give it once.');
  return fromText(flag, core, values[0] ?? '');
}

function fromText(flag: string, schema: z.ZodType, text: string): unknown {
  const core = coreOf(schema);
  if (core instanceof z.ZodNumber) return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (core instanceof z.ZodBoolean) return text === 'true' ? true : text === 'false' ? false : text;
  if (/^\s*[[{]/.test(text) && !(core instanceof z.ZodString || core instanceof z.ZodEnum))
    return parsedJson(flag, text);
  if (core instanceof z.ZodArray)
    return text.split(',').map((part) => fromText(flag, core.element as z.ZodType, part.trim()));
  if (!(core instanceof z.ZodTuple)) return text;
  const items = core.def.items as readonly z.ZodType[];
  return text.split(',').map((part, i) => fromText(flag, items[i] ?? z.string(), part.trim()));
}

function parsedJson(flag: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usage(
      `--${flag} looks like JSON, but is not: ${error instanceof Error ? error.message : String(error)}.`,
      'Check its quotes and brackets, and put single quotes around it in the shell.',
    );
  }
}

/** The schema within optional, default and such. */
export function coreOf(schema: z.ZodType): z.ZodType {
  const inner = unwrapped(schema);
  return inner ? coreOf(inner) : schema;
}

const isBoolean = (schema: z.ZodType): boolean => coreOf(schema) instanceof z.ZodBoolean;

const usage = (message: string, hint: string): LamellaError => new LamellaError('invalid-input', message, { hint });
