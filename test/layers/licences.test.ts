// What ships names the licences of everything that it holds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thirdPartyLicences } from '../../tools/licences.ts';
import { run } from '../../tools/workspace.ts';

const root = join(import.meta.dirname, '..', '..');
const hasCargo = (await run('cargo', ['--version'])).code === 0;
if (!hasCargo) console.warn('skipped: the notices of crates (cargo is not there)');

describe.skipIf(!hasCargo)('the notices of third parties', () => {
  test('hold the words of HDF5, of the packages that are bundled, and of the crates', async () => {
    const text = await thirdPartyLicences();
    expect(text).toContain('NIST-developed software is provided by NIST');
    expect(text).toContain('Copyright 2006 by The HDF Group');
    for (const name of ['better-sqlite3', 'react', 'three', 'zod', 'aws4', 'saxes', '@fontsource-variable/inter'])
      expect(text, name).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    for (const name of ['zstd-sys', 'rustfft', 'jxl-oxide', 'lz4_flex'])
      expect(text, name).toMatch(new RegExp(`^${name} \\d+\\S+ \\(Rust\\) \\(`, 'm'));
    expect(text).not.toMatch(/^(vitest|vite|electron|yauzl|typescript|node) \d/m);
    expect(text).not.toContain('GNU GENERAL PUBLIC LICENSE');
    expect(text).not.toContain(root);
  });

  test('go into the package', () => {
    const recipe = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
    expect(recipe).toMatch(/extraFiles:[\s\S]*from: dist\/third-party-licences\.txt/);
    expect(readFileSync(join(root, 'tools', 'dist.ts'), 'utf8')).toContain("at('dist/third-party-licences.txt')");
  });
});
