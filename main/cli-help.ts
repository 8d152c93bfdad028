// The help of the command line, made from the contract.
import { z } from 'zod';
import { api } from '../preload/contract/api.ts';
import type { Procedure } from '../preload/contract/define.ts';
import { exitCodeByTag } from '../preload/contract/errors.ts';
import { coreOf, isRequired, kebab, procedureOf, shapeOf, verbsOf } from './cli-arguments.ts';

const GLOBAL_FLAGS = [
  ['--json', 'progress as one JSON object a line on stderr, the result as one line on stdout'],
  ['--threads N', 'worker threads; every core where left out'],
  ['--help', 'this text, also after a domain or a verb'],
  ['--version', 'the version'],
] as const;

export function helpOf(domain: string | null, verb: string | null, version: string): string {
  if (domain === null) return overview(version);
  return verb === null ? domainHelp(domain) : verbHelp(domain, verb, procedureOf(domain, verb));
}

function overview(version: string): string {
  const rows = Object.keys(api).flatMap((domain) => verbRows(domain));
  const codes = Object.entries(exitCodeByTag).map(([tag, code]) => `${code} ${tag}`);
  return [
    `Lamella ${version}: from raw microscope tiles to a verified, published volume.`,
    '',
    'lamella <domain> <verb> --flag value ... [--json]',
    '',
    ...table(rows),
    '',
    ...table(GLOBAL_FLAGS),
    '',
    'Exit codes:',
    ...wrapped(['0 done', ...codes].join(', '), '  '),
  ].join('\n');
}

function domainHelp(domain: string): string {
  return [
    `lamella ${domain} <verb> --flag value ... [--json]`,
    '',
    ...table(verbRows(domain)),
    '',
    `lamella ${domain} <verb> --help tells the flags.`,
  ].join('\n');
}

const verbRows = (domain: string): (readonly [string, string])[] =>
  Object.entries(verbsOf(domain)).map(([verb, { doc }]) => [`${domain} ${verb}`, doc] as const);

function verbHelp(domain: string, verb: string, procedure: Procedure): string {
  const flags = Object.entries(shapeOf(procedure)).map(
    ([key, schema]) => [flagText(key, schema), about(schema)] as const,
  );
  return [
    `lamella ${domain} ${verb}: ${procedure.doc}`,
    '',
    ...table([...flags, ...GLOBAL_FLAGS.slice(0, 2)]),
    '',
    'Example:',
    `  lamella ${domain} ${verb}${exampleOf(procedure)}`,
    '',
    `Result: ${resultKeys(procedure)}`,
  ].join('\n');
}

/** What holds anyway is a flag only in its negative. */
const flagText = (key: string, schema: z.ZodType): string =>
  defaultOf(schema) === true ? `--no-${kebab(key)}` : `--${kebab(key)} ${placeholder(schema)}`.trimEnd();

function about(schema: z.ZodType): string {
  const description = descriptionOf(schema);
  const standard = defaultOf(schema);
  const parts = [
    description,
    isRequired(schema) ? 'required' : '',
    standard === undefined ? '' : `${shown(standard)} where left out`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function descriptionOf(schema: z.ZodType): string {
  const own = schema.meta()?.description;
  return own ?? coreOf(schema).meta()?.description ?? '';
}

function defaultOf(schema: z.ZodType): unknown {
  const parsed = schema.safeParse(undefined);
  return parsed.success && parsed.data !== '' ? parsed.data : undefined;
}

/** What stands for a value: PATH, N, a|b|c, N,N,N. */
function placeholder(schema: z.ZodType): string {
  const core = coreOf(schema);
  const kind = core.meta()?.['pathRef'];
  if (kind === 'library') return 'DIR';
  if (kind === 'layout') return 'render:FILE|tiles:FILE|temca:FILE|pattern:TEXT';
  if (kind === 'path') return 'PATH';
  if (core instanceof z.ZodEnum) return core.options.join('|');
  if (core instanceof z.ZodNumber) return 'N';
  if (core instanceof z.ZodBoolean) return '';
  if (core instanceof z.ZodTuple) return (core.def.items as readonly z.ZodType[]).map(placeholder).join(',');
  if (core instanceof z.ZodArray) return listPlaceholder(placeholder(core.element as z.ZodType));
  if (core instanceof z.ZodUnion) return 'JSON|FILE';
  return core instanceof z.ZodString ? 'TEXT' : 'JSON';
}

const listPlaceholder = (item: string): string => (item.includes(',') ? `[[${item}],...]` : `${item},...`);

function exampleOf({ example }: Procedure): string {
  return Object.entries(example as Record<string, unknown>)
    .map(([key, value]) => (value === true ? ` --${kebab(key)}` : ` --${kebab(key)} ${quoted(shown(value))}`))
    .join('');
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text}'`);

function resultKeys({ kind, output }: Procedure): string {
  const keys = output instanceof z.ZodObject ? `{${Object.keys(output.shape).join(', ')}}` : 'JSON';
  return kind === 'stream' ? `${keys}, one a line until it is stopped` : keys;
}

/** Two columns; a left cell that is too wide has its text on the next line. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(28, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) =>
    left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`.trimEnd(),
  );
}

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > 100) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
