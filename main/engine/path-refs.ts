import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { LamellaError } from '../../preload/contract/errors.ts';
import { libraryFieldRef, type PathRefKind } from '../../preload/contract/reference.ts';
import { parseAddress, toText } from './sources/address.ts';

/** Called with each string that the contract marks as a reference, and the object that it is a property of. */
export type Rename = (ref: string, kind: PathRefKind, beside: Readonly<Record<string, unknown>>) => string;

/**
 * A copy of `value` in which each string that `schema` marks as a path reference is renamed. Schemas without such a
 * mark are not walked; the marks lie in object properties, array items, options of a union, and wrappers of those.
 */
export function renameRefs(
  schema: z.ZodType,
  value: unknown,
  rename: Rename,
  beside: Readonly<Record<string, unknown>> = {},
): unknown {
  const kind = schema.meta()?.['pathRef'];
  if (isKind(kind)) return typeof value === 'string' ? rename(value, kind, beside) : value;
  const inner = unwrapped(schema);
  if (inner) return renameRefs(inner, value, rename, beside);
  if (schema instanceof z.ZodUnion) return renameUnion(schema.options as readonly z.ZodType[], value, rename, beside);
  if (schema instanceof z.ZodArray && Array.isArray(value))
    return value.map((item) => renameRefs(schema.element as z.ZodType, item, rename));
  if (!(schema instanceof z.ZodObject) || !isRecord(value)) return value;
  const renamed = Object.entries(schema.shape as Record<string, z.ZodType>)
    .filter(([key]) => Object.hasOwn(value, key))
    .map(([key, property]) => [key, renameRefs(property, value[key], rename, value)]);
  return { ...value, ...Object.fromEntries(renamed) };
}

function renameUnion(
  options: readonly z.ZodType[],
  value: unknown,
  rename: Rename,
  beside: Readonly<Record<string, unknown>>,
): unknown {
  const fitting = options.find((option) => option.safeParse(value).success);
  return fitting ? renameRefs(fitting, value, rename, beside) : value;
}

/** The schema inside an optional, a default and such; undefined for what wraps nothing. */
export function unwrapped(schema: z.ZodType): z.ZodType | undefined {
  const wraps =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodCatch;
  return wraps ? (schema.unwrap() as z.ZodType) : undefined;
}

const kinds: readonly unknown[] = ['path', 'library', 'layout', 'source'] satisfies PathRefKind[];
const isKind = (kind: unknown): kind is PathRefKind => kinds.includes(kind);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** FILE and the options that follow it. */
const optionsAtEnd = {
  temca: /^(.+?)((?:;z=-?[\d.]+)?(?:;order=[a-z+-]+)?)$/s,
  file: /^(.+?)((?:;order=[a-z+-]+)?)$/s,
} as const;

/**
 * Makes the FILE of a layout absolute, where it has one: the source folder is looked in first. `resolveRef` throws
 * where the caller may not name FILE. A FILE that is nowhere stays as it was, for the import to name it.
 */
export function resolveLayout(layout: string, source: unknown, resolveRef: (ref: string) => string): string {
  const [, how, text = ''] = /^(render|tiles|temca|terastitcher|spimdata):(.+)$/s.exec(layout) ?? [];
  const [, file, options = ''] = optionsAtEnd[how === 'temca' ? 'temca' : 'file'].exec(text) ?? [];
  if (how === undefined || file === undefined) return layout;
  if (!isAbsolute(file) && !file.startsWith('grant:') && typeof source === 'string') {
    if (file.split(/[\\/]/).includes('..')) throw outside(file);
    const inSource = resolveInSource(source, file, resolveRef);
    if (inSource) return `${how}:${inSource}${options}`;
    if (source.startsWith('grant:')) return layout;
  }
  const path = resolveRef(file);
  return existsSync(path) ? `${how}:${path}${options}` : layout;
}

function resolveInSource(source: string, file: string, resolveRef: (ref: string) => string): string | null {
  const path = source.startsWith('grant:') ? resolveRef(`${source}/${file}`) : join(resolveRef(source), file);
  return existsSync(path) ? path : null;
}

const outside = (file: string): LamellaError =>
  new LamellaError('forbidden', `The layout file ${JSON.stringify(file)} leads out of the source folder.`, {
    hint: 'Name it by its whole path.',
    fields: { file },
  });

export const VOLUME_ID = /^volume-[0-9a-z]{4,32}$/;

/** What a reference to a volume may lead to, asked of whoever knows the caller; each throws where the caller may not. */
export interface SourceRules {
  readonly path: (ref: string) => string;
  /** A server that may be one of this computer or a private network. */
  readonly server: (origin: string) => void;
}

/** Makes the path in a reference to a volume absolute; ids, addresses and files of the library stay as they are. */
export function resolveSource(ref: string, allowPrivate: boolean, rules: SourceRules): string {
  if (VOLUME_ID.test(ref) || libraryFieldRef.test(ref)) return ref;
  const address = parseAddress(ref);
  if (address.kind === 'path') return toText({ ...address, path: rules.path(address.path) });
  const server =
    address.kind === 'http' ? new URL(address.url).origin : address.kind === 's3' ? address.endpoint : undefined;
  if (allowPrivate && server !== undefined) rules.server(server);
  return ref;
}
