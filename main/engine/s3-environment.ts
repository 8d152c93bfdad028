import { LamellaError } from '../../preload/contract/errors.ts';
import type { Credentials } from './sources/index.ts';

/**
 * Keys for buckets of S3 from the variables that Amazon's own tools read: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN, AWS_REGION or AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL. They are shown to
 * one server: that of AWS_ENDPOINT_URL, or Amazon's where that is not set; any other is read anonymously, since an
 * address may come from anywhere. LAMELLA_S3_ANONYMOUS=1 leaves the keys out.
 */
export function s3Environment(env: Readonly<Record<string, string | undefined>>): Credentials {
  return (_bucket, named) => {
    const endpoint = endpointIn(env);
    if (named !== undefined && named !== endpoint) return undefined;
    const region = given(env['AWS_REGION']) ?? given(env['AWS_DEFAULT_REGION']);
    return {
      ...(endpoint !== undefined && { endpoint }),
      ...(region !== undefined && { region }),
      ...(env['LAMELLA_S3_ANONYMOUS'] !== '1' && keysIn(env)),
    };
  };
}

function keysIn(env: Readonly<Record<string, string | undefined>>) {
  const [accessKeyId, secretAccessKey] = [given(env['AWS_ACCESS_KEY_ID']), given(env['AWS_SECRET_ACCESS_KEY'])];
  const sessionToken = given(env['AWS_SESSION_TOKEN']);
  if (accessKeyId === undefined || secretAccessKey === undefined) return {};
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** Throws 'invalid-input' where the variable holds no web address. */
function endpointIn(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = given(env['AWS_ENDPOINT_URL_S3']) === undefined ? 'AWS_ENDPOINT_URL' : 'AWS_ENDPOINT_URL_S3';
  const text = given(env[name]);
  if (text === undefined) return undefined;
  const url = urlOf(text);
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.pathname === '/') return url.origin;
  throw new LamellaError('invalid-input', `${name} is no address of a server.`, {
    hint: 'Set it to https://host or https://host:port, without a path or a user, or leave it out.',
    fields: { variable: name },
  });
}

/** Electron's older Node has no URL.canParse. */
function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** An empty variable is none, as for Amazon's tools. */
const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
