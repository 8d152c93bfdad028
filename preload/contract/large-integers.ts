const longInteger = /-?\d{16,}/y;

/** Puts quotes around whole numbers beyond 2^53, so that JSON.parse leaves their digits alone. */
export function quoteLargeIntegers(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  let [out, copied, inString] = ['', 0, false];
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (inString && letter === '\\') i++;
    else if (letter === '"') inString = !inString;
    else if (!inString && (letter === '-' || isDigit(letter))) {
      const end = endOfNumber(text, i);
      longInteger.lastIndex = i;
      const digits = longInteger.exec(text)?.[0];
      if (digits !== undefined && i + digits.length === end && !Number.isSafeInteger(Number(digits))) {
        out += `${text.slice(copied, i)}"${digits}"`;
        copied = end;
      }
      i = end - 1;
    }
  }
  return out + text.slice(copied);
}

const isDigit = (letter: string | undefined): boolean => letter !== undefined && letter >= '0' && letter <= '9';

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && /[\d.eE+-]/.test(text[end] ?? '')) end++;
  return end;
}
