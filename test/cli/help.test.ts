// The words of the command line, as snapshots: `vitest run test/cli -u` accepts a change.
import { expect, test } from 'vitest';
import { api } from '../../preload/contract/api.ts';
import { helpOf } from '../../main/cli-help.ts';

test('the overview and every verb are what they were', async () => {
  const pages = [helpOf(null, null, '0.0.0')];
  for (const [domain, verbs] of Object.entries(api)) {
    pages.push(helpOf(domain, null, '0.0.0'), ...Object.keys(verbs).map((verb) => helpOf(domain, verb, '0.0.0')));
  }
  await expect(`${pages.join(`\n\n${'─'.repeat(60)}\n\n`)}\n`).toMatchFileSnapshot('help.snapshot.txt');
});

test('no line says undefined or [object Object]', () => {
  for (const [domain, verbs] of Object.entries(api)) {
    for (const verb of Object.keys(verbs)) expect(helpOf(domain, verb, '0')).not.toMatch(/undefined|\[object/);
  }
});
