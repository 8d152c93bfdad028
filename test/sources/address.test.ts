import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, toText } from '../../main/engine/sources/address.ts';
import { redacted, redactedUrl } from '../../main/engine/sources/redact.ts';

describe('an address', () => {
  const read: ReadonlyArray<readonly [string, object]> = [
    ['brain.ome.zarr', { kind: 'path', path: 'brain.ome.zarr', inside: [] }],
    ['/data/a b|c/brain.nii.gz', { kind: 'path', path: '/data/a b|c/brain.nii.gz', inside: [] }],
    ['C:\\data\\brain.nrrd', { kind: 'path', path: 'C:\\data\\brain.nrrd', inside: [] }],
    ['zarr:C:\\data\\brain', { kind: 'path', path: 'C:\\data\\brain', format: 'zarr', inside: [] }],
    ['grant:0a/x.zip|zip:in', { kind: 'path', path: 'grant:0a/x.zip', inside: ['in'] }],
    ['zarr:/data/brain', { kind: 'path', path: '/data/brain', format: 'zarr', inside: [] }],
    ['precomputed:///data/brain', { kind: 'path', path: '/data/brain', format: 'precomputed', inside: [] }],
    ['file:///data/a%20b', { kind: 'path', path: '/data/a b', inside: [] }],
    ['zarr2://file:///data/b', { kind: 'path', path: '/data/b', format: 'zarr2', inside: [] }],
    ['https://host/a/b', { kind: 'http', url: 'https://host/a/b', inside: [] }],
    ['HTTPS://Host:443/a/../b', { kind: 'http', url: 'https://host/b', inside: [] }],
    ['http://host', { kind: 'http', url: 'http://host/', inside: [] }],
    ['https://host/a?sig=x&v=1', { kind: 'http', url: 'https://host/a?sig=x&v=1', inside: [] }],
    ['precomputed://https://host/a', { kind: 'http', url: 'https://host/a', format: 'precomputed', inside: [] }],
    ['zarr3://s3://bucket/a/b/', { kind: 's3', bucket: 'bucket', key: 'a/b/', format: 'zarr3', inside: [] }],
    ['n5://gs://bucket/a', { kind: 'gs', bucket: 'bucket', key: 'a', format: 'n5', inside: [] }],
    ['nifti://https://h/b.nii.gz', { kind: 'http', url: 'https://h/b.nii.gz', format: 'nifti', inside: [] }],
    ['s3://bucket', { kind: 's3', bucket: 'bucket', key: '', inside: [] }],
    ['s3://bucket/a b%20c?d', { kind: 's3', bucket: 'bucket', key: 'a b%20c?d', inside: [] }],
    [
      's3+https://play.host:9000/bucket/k/',
      { kind: 's3', bucket: 'bucket', key: 'k/', endpoint: 'https://play.host:9000', inside: [] },
    ],
    ['s3+http://h/bucket', { kind: 's3', bucket: 'bucket', key: '', endpoint: 'http://h', inside: [] }],
    ['https://h/a.zip|zip:in/|zarr:', { kind: 'http', url: 'https://h/a.zip', inside: ['in/'], format: 'zarr' }],
    ['https://h/a.zip|zip:|zarr3:c/d', { kind: 'http', url: 'https://h/a.zip', inside: ['c/d'], format: 'zarr3' }],
    ['a.zip|zip:b.zip|zip:c.nii', { kind: 'path', path: 'a.zip', inside: ['b.zip', 'c.nii'] }],
    ['https://h/a/|zarr2:x y/z%', { kind: 'http', url: 'https://h/a/x%20y/z%25', inside: [], format: 'zarr2' }],
    [
      'gs://b_u.cket/a|neuroglancer-precomputed:',
      { kind: 'gs', bucket: 'b_u.cket', key: 'a', inside: [], format: 'precomputed' },
    ],
  ];
  it.each(read)('%s', (text, address) => expect(parseAddress(text)).toEqual(address));

  const refused: ReadonlyArray<readonly [string, RegExp]> = [
    ['', /empty/],
    ['x\u0000y', /control/],
    ['x'.repeat(4097), /too long/],
    ['ftp://host/a', /"ftp:\/\/"/],
    ['javascript://alert(1)', /"javascript:\/\/"/],
    ['data://text', /"data:\/\/"/],
    ['zarr:', /no file/],
    ['precomputed://', /no file/],
    ['https://', /no web address/],
    ['https://host\\@evil/', /no web address/],
    ['https://us:pw@host/a', /user name/],
    ['https://us@host/a', /user name/],
    ['s3+https://us:pw@host/bucket/a', /user name/],
    ['s3://us:pw@bucket/a', /user name/],
    ['https://host/a#b', /"#"/],
    ['https://neuroglancer-demo.appspot.com/#!{}', /link to a view/],
    ['s3://', /bucket/],
    ['s3://B/a', /bucket/],
    ['s3://a..b/k', /bucket/],
    ['s3://bucket/a//b', /empty part/],
    ['s3://bucket/../x', /".."/],
    ['gs://bucket/./x', /"."/],
    ['s3+https://host/bucket/a?x=1', /"\?"/],
    ['s3+https://host', /bucket/],
    ['file://host/share', /three slashes/],
    ['file:///a%2Fb', /three slashes/],
    ['a.zip|zip:../x', /".."/],
    ['a.zip|zip:/abs', /empty part/],
    ['a.zip|zip:a|zip:b|zip:c|zip:d', /deep/],
    ['a.gz|gzip:', /not known/],
  ];
  it.each(refused)('%s is refused', (text, why) => {
    expect(() => parseAddress(text)).toThrowError(
      expect.objectContaining({ tag: 'invalid-input', message: expect.stringMatching(why) }),
    );
  });

  it('is read back from its text', () => {
    for (const [text] of read) {
      if (text.includes('sig=')) continue;
      const address = parseAddress(text);
      expect(parseAddress(toText(address))).toEqual(address);
    }
  });

  it('never throws anything else, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'https://',
        's3://',
        'gs://',
        'zarr:',
        '|zip:',
        '|zarr:',
        '://',
        'host',
        '/',
        '..',
        '@',
        '?',
        '#',
        '%',
        'C:\\',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          const text = toText(parseAddress(pieces.join('')));
          // What a path is called is its owner's business; the rest has one spelling.
          const again = parseAddress(text);
          if (again.kind !== 'path') expect(toText(again)).toBe(text);
        } catch (error) {
          expect(error).toMatchObject({ tag: 'invalid-input' });
        }
      }),
      { seed: 3, numRuns: 3000 },
    );
  });
});

describe('what is shown of an address', () => {
  const canary = 'CANARY0123456789';
  it.each([
    `https://h/a?X-Amz-Signature=${canary}`,
    `https://h/a?X-Amz-Credential=${canary}%2F2026&X-Amz-Date=1`,
    `https://h/a?X-Amz-Security-Token=${canary}`,
    `https://h/a?AWSAccessKeyId=${canary}&Signature=${canary}&Expires=1`,
    `https://h/a?GoogleAccessId=${canary}&X-Goog-Signature=${canary}`,
    `https://h/a?sv=2020&sig=${canary}`,
    `https://h/a?access_token=${canary}`,
    `https://h/a?api_key=${canary}&apiKey=${canary}&key=${canary}`,
    `https://h/a?%73ig=${canary}`,
    `https://h/a?Policy=${canary}&Key-Pair-Id=x`,
  ])('%s has no secret in it', (text) => {
    const shown = toText(parseAddress(text));
    expect(shown).not.toContain(canary);
    expect(shown).toContain('REDACTED');
    expect(redacted(`GET ${text} failed`)).not.toContain(canary);
  });

  it('has no user in it, even where it is refused', () => {
    for (const text of [
      `https://me:${canary}@host/a`,
      `s3://${canary}:x@bucket/a`,
      `ftp://${canary}@h/a`,
      `https://h/?token=${canary}#x`,
    ]) {
      const error = (() => {
        try {
          return parseAddress(text);
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toMatchObject({ tag: 'invalid-input' });
      expect(JSON.stringify([String(error), error])).not.toContain(canary);
    }
  });

  it('keeps what is no secret', () => {
    expect(redactedUrl('https://h/a?page=2&keyword=x&monkey=1')).toBe('https://h/a?page=2&keyword=x&monkey=1');
  });
});
