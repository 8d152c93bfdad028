import { LamellaError } from '../../../preload/contract/errors.ts';
import { type Answer, text } from './http-answer.ts';
import type { Request } from './serve.ts';

/** What the names in braces of a path stand for, decoded. */
export type Names = Readonly<Record<string, string>>;

export interface Route<C> {
  readonly method: 'GET' | 'PUT';
  /** `/v1/owner/{owner}`; a name stands for text without a slash or, before a comma, without a comma. */
  readonly path: string;
  readonly answer: (context: C, names: Names, request: Request) => Promise<Answer> | Answer;
}

interface Compiled<C> extends Route<C> {
  readonly pattern: RegExp;
}

/**
 * Finds the route of a request, and answers by it: 404 where there is none, 405 where it is there for another method.
 * `page`: of the documents, which lists the routes.
 */
export function router<C>(
  routes: readonly Route<C>[],
  page: string,
): (context: C, request: Request) => Promise<Answer> {
  const compiled: readonly Compiled<C>[] = routes.map((route) => ({ ...route, pattern: patternOf(route.path) }));
  return async (context, request) => {
    // Clients of Render end some addresses with a slash.
    const path = request.path.replace(/(?<!\/)\/$/, '');
    const here = compiled.flatMap((route) => {
      const found = route.pattern.exec(path);
      return found ? [{ route, found }] : [];
    });
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const chosen = here.find(({ route }) => route.method === method);
    if (chosen) return chosen.route.answer(context, namesOf(chosen.found), request);
    if (here.length === 0) return text(`Nothing is served at ${request.path}; ${page} lists what is.\n`, 404);
    const allow = here.map(({ route }) => route.method).join(', ');
    return { ...text(`${request.method} is not served there.\n`, 405), headers: { allow } };
  };
}

function patternOf(path: string): RegExp {
  const escaped = path.replaceAll('.', '\\.');
  return new RegExp(`^${escaped.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/,]+)')}$`);
}

function namesOf({ groups = {} }: RegExpExecArray): Names {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value ?? '')]));
  } catch (cause) {
    throw new LamellaError('invalid-input', 'The address holds signs that are not well encoded.', {
      hint: 'Encode names in it as URLs are.',
      cause,
    });
  }
}

/** A number of the path or the query; 'invalid-input' for what is none. */
export function numberOf(names: Names, name: string): number {
  const value = Number(names[name]);
  if (names[name] !== undefined && names[name].trim() !== '' && Number.isFinite(value)) return value;
  throw new LamellaError('invalid-input', `"${names[name]}" is no number for ${name}.`, {
    hint: 'Give a decimal number.',
    fields: { field: name },
  });
}
