// What a schema has against a value, in plain words: the one place where they are worded.
import { z } from 'zod';
import { withEscapes } from './plain-text.ts';

export interface WordedIssue {
  /** The way to the value with dots, `creators.0.name`; empty for the whole. */
  readonly field: string;
  /** What is allowed and what was given: `it must be at most 1 (given: 4)`. */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** For a schema that says nothing of its own: `schema.safeParse(value, { error: plainWords })`. */
export const plainWords: z.core.$ZodErrorMap<Issue> = (issue) => {
  if (issue.input === undefined) return 'it is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${nounOf(issue)}`;
    case 'invalid_value':
      return `it must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.minimum, isTuple(issue.inst) ? '' : issue.inclusive ? 'at least ' : 'above ');
    case 'too_big':
      return bound(issue.origin, issue.maximum, isTuple(issue.inst) ? '' : issue.inclusive ? 'at most ' : 'below ');
    case 'not_multiple_of':
      return `it must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `it has ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}, which Lamella does not know`;
    case 'invalid_union':
      return `it must be ${[...new Set(issue.errors.flat().filter(isOfType).map(nounOf))].join(' or ') || 'of another kind'}`;
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'it cannot be used';
  }
};

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a finite number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object with named fields',
  record: 'an object with named fields',
};

const isOfType = (issue: Issue): issue is z.core.$ZodIssueInvalidType =>
  issue.code === 'invalid_type' && issue.path.length === 0;
const nounOf = ({ expected }: { readonly expected: string }): string => nouns[expected] ?? expected;
const isTuple = (schema: object | undefined): boolean => schema instanceof z.ZodTuple;

function bound(origin: string, limit: number | bigint, relation: string): string {
  if (origin !== 'string' && origin !== 'array') return `it must be ${relation}${limit}`;
  if (relation === 'at least ' && Number(limit) === 1) return 'it must not be empty';
  const unit = origin === 'string' ? 'character' : 'item';
  return `it must have ${relation}${limit} ${unit}${Number(limit) === 1 ? '' : 's'}`;
}

/** An issue of `given`, parsed with `plainWords`. More than one where it comes from a union: those of the option meant. */
export function wordIssue(issue: Issue, given: unknown): readonly WordedIssue[] {
  const value = valueAt(given, issue.path);
  const meant = issue.code === 'invalid_union' && value !== undefined ? optionMeant(issue.errors) : undefined;
  if (meant) {
    return meant.flatMap((inner) => wordIssue({ ...inner, path: [...issue.path, ...inner.path] } as Issue, given));
  }
  const field = issue.path.map(String).join('.');
  return [{ field, message: value === undefined ? issue.message : `${issue.message} (given: ${shownValue(value)})` }];
}

/** The option of a union whose type fits, so that its fields can be told; undefined where none does. */
const optionMeant = (options: readonly (readonly Issue[])[]): readonly Issue[] | undefined =>
  options.find((issues) => issues.length > 0 && !issues.some(isOfType));

const mostShown = 100;

/** A value as it would be typed, cut where it is long. Takes anything that a wire may bring: cycles and bigints too. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value) && value.length > 16) return `${value.length} items`;
  if (typeof value === 'string' && value.length > mostShown)
    return `${withEscapes(JSON.stringify(value.slice(0, mostShown)))}… of ${value.length} characters`;
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : withEscapes(jsonOf(value));
  return text.length > 2 * mostShown ? `${text.slice(0, 2 * mostShown)}…` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return `an ${typeof value} that is no JSON`;
  }
}

/** What lies at a path, own properties only; undefined where there is nothing. */
export function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    given,
  );
}
