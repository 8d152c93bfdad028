/** A verdict in words, with the tone of its badge. */
export const verdictTone = {
  pass: ['Good', 'good'],
  warn: ['Look at it', 'warn'],
  fail: ['Not good enough', 'bad'],
} as const;
