import { describe, expect, test } from 'vitest';
import { guessKind, placeOf, readSource } from '../../../renderer/state/neuroglancer/sources.ts';
import { hexOf, readShader, shaderOf } from '../../../renderer/state/neuroglancer/shader.ts';
import { stepNmOf, worldAxes } from '../../../renderer/state/neuroglancer/units.ts';
import { jsonOfUrlSafe, linkOf, stateOfText } from '../../../renderer/state/neuroglancer/url.ts';

describe('links', () => {
  const state = {
    layers: [{ name: "it's 100 % (new); a_b, c&d", source: 'zarr://s3://b/a b' }],
    position: [1, 2.5, -3e-9],
    title: 'µ "q" \\',
  };

  test('are read as they are written, and have no character that ends a link in a text', () => {
    const link = linkOf(state);
    expect(link).toMatch(/^https:\/\/neuroglancer-demo\.appspot\.com\/#![^\s'"<>(),;*!]+$/);
    expect(stateOfText(link)).toEqual(state);
    expect(stateOfText(`  ${link}\n`)).toEqual(state);
    expect(stateOfText(JSON.stringify(state, null, 2))).toEqual(state);
    expect(stateOfText(`https://x.example.org/v/#!+${JSON.stringify(state)}`)).toEqual(state);
  });

  test("are read in Neuroglancer's spelling for addresses", () => {
    expect(jsonOfUrlSafe(`{'a':1_'b_c':'d\\'e"f'_"g":[2_3]&'h':null}`)).toBe(
      `{"a":1,"b_c":"d'e\\"f","g":[2,3],"h":null}`,
    );
    const url =
      "https://x.example.org/#!{'layers':{'em':{'type':'image'_'source':'precomputed://gs://a_b/c'}}_'navigation':{'zoomFactor':8}}";
    expect(stateOfText(url)).toEqual({
      layers: { em: { type: 'image', source: 'precomputed://gs://a_b/c' } },
      navigation: { zoomFactor: 8 },
    });
  });

  test.each([
    ['', /no Neuroglancer link/],
    ['hello', /no Neuroglancer link/],
    ['[1, 2]', /no Neuroglancer link/],
    ['https://x.example.org/#!{"layers":[', /no Neuroglancer link/],
    ['https://x.example.org/#!%E0%A4%A', /no Neuroglancer link/],
  ])('%j is refused in words', (text, words) => {
    expect(() => stateOfText(text)).toThrow(words);
  });
});

describe('addresses', () => {
  test.each([
    ['precomputed://gs://b/k', 'precomputed://gs://b/k'],
    ['precomputed://https://h.example.org/k/', 'precomputed://https://h.example.org/k/'],
    ['zarr2://s3://b/k', 'zarr2://s3://b/k'],
    ['https://h.example.org/x/|neuroglancer-precomputed:', 'https://h.example.org/x/|neuroglancer-precomputed:'],
    ['https://h.example.org/x.zip|zip:a/|zarr3', 'https://h.example.org/x.zip|zip:a/|zarr3:'],
    ['obj://https://h.example.org/a.obj', 'https://h.example.org/a.obj'],
    ['https://h.example.org/a.nii.gz|gzip:|nifti:', 'https://h.example.org/a.nii.gz|nifti:'],
  ])('%s can be opened', (url, text) => expect(readSource(url)).toEqual({ kind: 'data', text }));

  test.each([
    ['graphene://middleauth+https://x', 'Lamella reads no "graphene://"'],
    ['brainmaps://1:2:3', 'Lamella reads no "brainmaps://"'],
    ['precomputed://middleauth+https://x/y', 'Lamella reads no "precomputed://"'],
    ['https://user:secret@h.example.org/x', 'its address holds a user name or password'],
    ['gs://b/k|ocdbt:', 'Lamella reads no "ocdbt"'],
    ['em', '"em" is no address'],
  ])('%s can not, and why', (url, why) => expect(readSource(url)).toEqual({ kind: 'unreadable', why }));

  test('of one place are the same', () => {
    const samePlace = (a: string, b: string): boolean => placeOf(a) === placeOf(b);
    expect(samePlace('precomputed://gs://b/k/', 'gs://b/k|neuroglancer-precomputed:')).toBe(true);
    expect(samePlace('zarr2://HTTPS://H.example.org/K', 'https://h.example.org/K|ome-zarr:')).toBe(true);
    expect(samePlace('https://h.example.org/K', 'https://h.example.org/k')).toBe(false);
    expect(placeOf('s3://b/a.zarr/|zarr3:s0')).toBe('s3://b/a.zarr/s0');
    expect(placeOf('precomputed://file:///home/ada/em')).toBe('/home/ada/em');
    expect(samePlace('https://h/x.zip|zip:a/|zarr:', 'https://h/x.zip|zip:b/|zarr:')).toBe(false);
  });

  test('tell by their last part what lies there', () => {
    expect(
      ['gs://b/mesh', 's3://b/skeletons_mip_1/', 'https://h/a.swc', 'https://h/a.ply', 'gs://b/seg'].map(guessKind),
    ).toEqual(['mesh', 'skeleton', 'skeleton', 'mesh', 'volume']);
  });
});

describe('dimensions', () => {
  test.each([
    [[4e-9, 'm'], 4],
    [[0.65, 'µm'], 650],
    [[0.65, 'um'], 650],
    [[1, 'nm'], 1],
    [[2, ''], null],
    [[2, 's'], null],
    [[0, 'm'], null],
  ] as const)('%j is %s nm', (dimension, nm) => expect(stepNmOf([...dimension])).toBe(nm));

  test('are x, y and z by name wherever they stand, and the first three lengths otherwise', () => {
    const m = [1e-9, 'm'] as [number, string];
    expect(worldAxes({ z: m, y: m, x: m, 'c^': [1, ''] })).toMatchObject({ places: [2, 1, 0], others: ['c^'] });
    expect(worldAxes({ a: m, b: m, c: m })).toMatchObject({ places: [0, 1, 2], timePlace: -1 });
    expect(worldAxes({ x: m, y: m })).toMatchObject({ stepNm: [1, 1, 1], places: [0, 1, -1] });
    expect(worldAxes({ x: m, t: [1, 's'] })).toBe(null);
  });
});

describe('shaders', () => {
  const one = (shader: string | undefined, controls = {}) => {
    const { windows, gamma, understood } = readShader(shader, controls);
    return { ...windows[0], gamma, understood };
  };

  test('of one window', () => {
    expect(one(undefined, { normalized: { range: [3, 9] } })).toEqual({
      range: [3, 9],
      channel: null,
      colour: null,
      gamma: 1,
      understood: true,
    });
    expect(one('#uicontrol invlerp n(range=[0, 5000])\nvoid main() { emitGrayscale(n()); }')).toMatchObject({
      range: [0, 5000],
      understood: true,
    });
    expect(
      one('#uicontrol invlerp n\n#uicontrol vec3 c color(default="red")\nvoid main() { emitRGB(c * n()); }', {
        c: '#0f0',
      }),
    ).toMatchObject({
      colour: { tint: '#00ff00' },
      understood: true,
    });
    expect(one('#uicontrol invlerp normalized\nvoid main() { emitRGB(vec3(normalized(), 0, 0)); }')).toMatchObject({
      colour: { tint: '#ff0000' },
    });
    expect(one('void main() { emitRGB(colormapJet(toNormalized(getDataValue()))); }')).toMatchObject({
      colour: { map: 'jet' },
      understood: true,
    });
  });

  test('with a power that a slider sets', () => {
    const shader =
      '#uicontrol invlerp normalized\n#uicontrol float gamma slider(min=0.05, max=2.5, default=1.5)\nvoid main() { emitGrayscale(pow(normalized(), gamma)); }';
    expect(one(shader)).toMatchObject({ gamma: 1.5, understood: true });
    expect(one(shader, { gamma: 0.6 })).toMatchObject({ gamma: 0.6 });
  });

  test('of several channels', () => {
    const shader = `
#uicontrol invlerp a(channel=0)
#uicontrol invlerp b(channel=1)
#uicontrol vec3 ca color(default="#ff0000")
#uicontrol vec3 cb color(default="#00ff00")
void main() { emitRGB(ca * a() + cb * b()); }`;
    const { windows, understood } = readShader(shader, { b: { range: [1, 2] }, ca: '#0000ff' });
    expect(windows).toEqual([
      { range: null, channel: 0, colour: { tint: '#0000ff' } },
      { range: [1, 2], channel: 1, colour: { tint: '#00ff00' } },
    ]);
    expect(understood).toBe(true);
  });

  test('of red, green and blue', () => {
    const plain =
      'void main(){emitRGB(vec3(toNormalized(getDataValue(0)),toNormalized(getDataValue(1)),toNormalized(getDataValue(2))));}';
    const tints = ['#ff0000', '#00ff00', '#0000ff'];
    expect(readShader(plain)).toEqual({
      windows: tints.map((tint, channel) => ({ range: null, channel, colour: { tint } })),
      gamma: 1,
      understood: true,
    });
    const named =
      '#uicontrol invlerp r(channel=2)\n#uicontrol invlerp g(channel=1)\n#uicontrol invlerp b(channel=0)\nvoid main() { emitRGB(vec3(r(), g(), b())); }';
    expect(readShader(named, { g: { range: [5, 9] } }).windows).toEqual([
      { range: null, channel: 2, colour: { tint: '#ff0000' } },
      { range: [5, 9], channel: 1, colour: { tint: '#00ff00' } },
      { range: null, channel: 0, colour: { tint: '#0000ff' } },
    ]);
  });

  test.each([
    ['void main() { if (getDataValue() > 3) emitRGB(vec3(1, 0, 0)); else emitTransparent(); }'],
    ['float f(float x) { return sin(x); }\nvoid main() { emitGrayscale(f(toNormalized(getDataValue()))); }'],
  ])('that are programs are said to be', (shader) => expect(readShader(shader).understood).toBe(false));

  test('are written as they are read', () => {
    const stops = () =>
      [
        [0, 0, 0],
        [255, 255, 255],
      ] as const;
    expect(shaderOf({ colour: { tint: '#ffffff' }, gamma: 1 }, stops)).toBeUndefined();
    for (const look of [
      { colour: { tint: '#12ab34' }, gamma: 1 },
      { colour: { tint: '#12ab34' }, gamma: 2.5 },
      { colour: { map: 'viridis' }, gamma: 0.5 },
    ]) {
      const read = one(shaderOf(look, stops));
      expect(read).toMatchObject({ ...look, understood: true });
    }
  });

  test('name colours as the web does', () => {
    expect(['#ABC', '#abcdef', 'rgb(1,2,300)', 'rgb(1, 2, 3)', 'MAGENTA', 'plaid', 7].map(hexOf)).toEqual([
      '#aabbcc',
      '#abcdef',
      null,
      '#010203',
      '#ff00ff',
      null,
      null,
    ]);
  });
});
