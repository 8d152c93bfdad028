/** Stands for a value that is not shown or stored. */
export const redactedMark = 'REDACTED';

/** Names of query values that open a door for whoever holds them. */
const secretName =
  /(^|[-_.])(sig|signature|token|key|apikey|secret|password|passwd|pwd|auth|authorization|credential|credentials|session|jwt|code|policy|accessid|awsaccesskeyid|googleaccessid)$/i;
const secretCamel = /(Signature|Token|Key|KeyId|AccessId|Secret|Password|Credential|Policy)$/;

/** A web address with the values of secret query parts replaced; everything else as it was. */
export function redactedUrl(url: string): string {
  const at = url.indexOf('?');
  if (at < 0) return url;
  const parts = url
    .slice(at + 1)
    .split('&')
    .map(redactedPart);
  return `${url.slice(0, at)}?${parts.join('&')}`;
}

/** Any text that may hold an address: without users and passwords, and without secret query values. */
export function redacted(text: string): string {
  return text
    .replaceAll(/\/\/[^/\s"']*@/g, `//${redactedMark}@`)
    .replaceAll(/\?[^\s"'|]*/g, (query) => redactedUrl(query))
    .replaceAll(/\b(AKIA|ASIA)[A-Z0-9]{12,}/g, redactedMark);
}

function redactedPart(part: string): string {
  const name = part.split('=', 1)[0] ?? '';
  const plain = safeDecode(name);
  return secretName.test(plain) || secretCamel.test(plain) ? `${name}=${redactedMark}` : part;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
