import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { mostShader, numberIn } from './limits.ts';

/**
 * What shaders say of a look. Neuroglancer's shaders are programs; those that map a window of grey values to a colour are
 * understood by their shape, and of others the reader is told.
 */
export interface ShaderLook {
  /** One for each window of the shader; one without any where it has none. */
  readonly windows: readonly ShaderWindow[];
  readonly gamma: number;
  /** Whether the shader is one of those that are understood. */
  readonly understood: boolean;
}

export interface ShaderWindow {
  /** Null: the volume's own. The first is drawn at 0; the larger first: inverted. */
  readonly range: readonly [number, number] | null;
  /** Null: the layer's. */
  readonly channel: number | null;
  /** A tint or a map; null: grey. */
  readonly colour: LayerOf<'image'>['colour'] | null;
}

type Controls = Readonly<Record<string, unknown>>;

const grey: ShaderWindow = { range: null, channel: null, colour: null };

export function readShader(shader: string | undefined, controls: Controls = {}): ShaderLook {
  if ((shader?.length ?? 0) > mostShader) return { windows: [grey], gamma: 1, understood: false };
  const code = withoutComments(shader ?? '');
  const marked = /lamella:map=([\w-]{1,40})/.exec(shader ?? '')?.[1];
  const names = [...code.matchAll(/#uicontrol\s+invlerp\s+(\w+)[^\n]*/g)].map(
    ([line, name = '']) => ({ name, colour: null, ...windowOf(line, controls[name]) }) as const,
  );
  const [first] = names;
  // The shader that is used where none is given has one window, called so.
  if (code.trim() === '')
    return { windows: [{ ...grey, ...windowOf('', controls['normalized']) }], gamma: 1, understood: true };
  const colours = [...code.matchAll(/#uicontrol\s+vec3\s+(\w+)\s+color(?:\(([^)]*)\))?/g)].map(
    ([, name = '', rest = '']) => ({
      name,
      colour: hexOf(controls[name]) ?? hexOf(/default\s*=\s*"([^"]*)"/.exec(rest)?.[1]) ?? '#ffffff',
    }),
  );
  const body = code.replace(/^\s*#uicontrol[^\n]*$/gm, '');
  const gamma = gammaOf(body, controls, code);
  const rgb = rgbOf(body, names);
  if (rgb) return { windows: rgb, gamma: gamma ?? 1, understood: gamma !== null };
  const windows = (first ? names : [{ name: '', ...grey }]).map(({ name, range, channel }, i) => ({
    range,
    channel,
    colour: marked !== undefined ? { map: marked } : colourOf(body, name, colours, i, names.length),
  }));
  return { windows, gamma: gamma ?? 1, understood: understands(body, names.length) && gamma !== null };
}

const withoutComments = (code: string): string => code.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '');

function windowOf(directive: string, control: unknown): Pick<ShaderWindow, 'range' | 'channel'> {
  const set = typeof control === 'object' && control !== null ? (control as Controls) : {};
  const channels = Array.isArray(set['channel']) ? set['channel'] : [];
  const said = /channel\s*=\s*\[?\s*(\d+)/.exec(directive)?.[1];
  return {
    range: pairOf(set['range']) ?? pairOf(/range\s*=\s*\[([^\]]*)\]/.exec(directive)?.[1]?.split(',')),
    channel: wholeOf(channels[0]) ?? wholeOf(said),
  };
}

function pairOf(value: unknown): readonly [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [lo, hi] = value.map(numberIn);
  return lo !== undefined && hi !== undefined && Number.isFinite(lo) && Number.isFinite(hi) && lo !== hi
    ? [lo, hi]
    : null;
}

function wholeOf(value: unknown): number | null {
  const number = numberIn(value);
  return Number.isInteger(number) && number >= 0 ? number : null;
}

interface NamedColour {
  readonly name: string;
  readonly colour: string;
}

/** The colour that a window is drawn in: what its value is multiplied with, or the map that it goes through. */
function colourOf(
  body: string,
  window: string,
  colours: readonly NamedColour[],
  at: number,
  windows: number,
): ShaderWindow['colour'] {
  const map = /colormap(Jet|Cubehelix)\s*\(/.exec(body)?.[1];
  if (map !== undefined && windows <= 1) return { map: map.toLowerCase() };
  const beside = colours.find(({ name }) =>
    new RegExp(`\\b${name}\\b\\s*\\*\\s*${window}\\b|\\b${window}\\s*\\(\\s*\\)\\s*\\*\\s*${name}\\b`).test(body),
  );
  if (beside) return { tint: beside.colour };
  if (colours.length > 0 && colours.length >= windows) return { tint: colours[at]?.colour ?? '#ffffff' };
  const literal = windows <= 1 ? literalOf(body) : null;
  return literal === null ? null : { tint: literal };
}

/** `vec3(a(), b(), c())`, or of `getDataValue(0)` to `(2)`: red, green and blue are channels of their own. */
function rgbOf(
  body: string,
  windows: readonly (ShaderWindow & { readonly name: string })[],
): readonly ShaderWindow[] | null {
  const parts = /emitRGB\s*\(\s*vec3\s*\((.*)\)\s*\)\s*;/s
    .exec(body)?.[1]
    ?.split(',')
    .map((part) => part.trim());
  if (parts?.length !== 3) return null;
  const found = parts.map((part): ShaderWindow | null => {
    const channel = /^toNormalized\s*\(\s*getDataValue\s*\(\s*(\d+)\s*\)\s*\)$/.exec(part)?.[1];
    if (channel !== undefined) return { range: null, channel: Number(channel), colour: null };
    return windows.find(({ name }) => new RegExp(`^${name}\\s*\\(\\s*\\)$`).test(part)) ?? null;
  });
  const whole = found.filter((window) => window !== null);
  const channels = new Set(whole.map(({ channel }) => channel));
  if (whole.length < 3 || channels.size < 3) return null;
  const tints = ['#ff0000', '#00ff00', '#0000ff'];
  return whole.map(({ range, channel }, i) => ({ range, channel, colour: { tint: tints[i] ?? '#ffffff' } }));
}

/** `vec3(1, 0, 0)` as a factor, or `vec3(v, 0, 0)`, the value in some of the channels. */
function literalOf(body: string): string | null {
  const parts = /\bvec3\s*\(([^()]*(?:\(\s*\)[^()]*)*)\)/
    .exec(body)?.[1]
    ?.split(',')
    .map((part) => part.trim());
  if (parts?.length !== 3) return null;
  const levels = parts.map((part) => (/^[\d.]+$/.test(part) ? Number(part) : 1));
  return levels.every((level) => level >= 0 && level <= 1) && levels.some((level) => level > 0)
    ? `#${levels
        .map((level) =>
          Math.round(level * 255)
            .toString(16)
            .padStart(2, '0'),
        )
        .join('')}`
    : null;
}

/** 1 where there is no `pow`; null where it is not understood. */
function gammaOf(body: string, controls: Controls, code: string): number | null {
  const call = /\bpow\s*\(/.exec(body);
  if (!call) return 1;
  const exponent = lastArgument(body.slice(call.index + call[0].length));
  const slider = new RegExp(`#uicontrol\\s+float\\s+${exponent}\\s+slider\\(([^)]*)\\)`).exec(code)?.[1];
  const value = numberIn(
    /^[\d.]+$/.test(exponent) ? exponent : (controls[exponent] ?? /default\s*=\s*([\d.]+)/.exec(slider ?? '')?.[1]),
  );
  return value >= 0.05 && value <= 20 ? value : null;
}

/** The last of a call's arguments, where it is a name or a number, or a vector of it. */
function lastArgument(text: string): string {
  let [depth, from] = [0, 0];
  for (const { 0: character, index } of text.matchAll(/[(),]/g)) {
    if (character === ',' && depth === 0) from = index + 1;
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (depth < 0) return /^\s*(?:vec3\s*\(\s*)?([\w.]+)\s*\)?\s*$/.exec(text.slice(from, index))?.[1] ?? '';
  }
  return '';
}

/** Emits a grey value, one colour times it, a sum of such, or a map of it: no branches, no loops, nothing of its own. */
function understands(body: string, windows: number): boolean {
  if (/lamellaMap/.test(body)) return true;
  const calls = [...body.matchAll(/\b(\w+)\s*\(/g)].map(([, name = '']) => name);
  const plain =
    /^(main|emitGrayscale|emitRGB|toNormalized|getDataValue|vec3|pow|clamp|float|colormapJet|colormapCubehelix)$/;
  const own = calls.filter((name) => !plain.test(name));
  const branches = /\b(if|for|while|discard|emitTransparent|emitRGBA)\b/.test(body);
  return (
    !branches &&
    (windows > 0 ? own.length <= windows * 2 : own.length === 0) &&
    !/\b(sin|cos|exp|log|step|smoothstep)\b/.test(body)
  );
}

const names: Readonly<Record<string, string>> = {
  red: '#ff0000',
  green: '#00ff00',
  blue: '#0000ff',
  cyan: '#00ffff',
  magenta: '#ff00ff',
  yellow: '#ffff00',
  white: '#ffffff',
  black: '#000000',
  orange: '#ffa500',
  purple: '#800080',
  gray: '#808080',
  grey: '#808080',
  none: '#ffffff',
};

/** `#rgb`, `#rrggbb`, `rgb(1, 2, 3)` and the names that states use; null for another. */
export function hexOf(colour: unknown): string | null {
  if (typeof colour !== 'string') return null;
  const text = colour.trim().toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(text)) return text;
  if (/^#[0-9a-f]{3}$/.test(text)) return `#${[...text.slice(1)].map((digit) => digit + digit).join('')}`;
  const rgb = /^rgb\(\s*(\d+)\D+(\d+)\D+(\d+)\s*\)$/.exec(text)?.slice(1).map(Number);
  if (rgb?.every((level) => level <= 255))
    return `#${rgb.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
  return Object.hasOwn(names, text) ? (names[text] ?? null) : null;
}

/** Colours of a map at even places, 0 to 1: two at least. */
export type MapStops = (map: string) => readonly (readonly [red: number, green: number, blue: number])[];

/** A shader that draws as an image layer does, with one window called `normalized`. */
export function shaderOf(
  { colour, gamma }: Pick<LayerOf<'image'>, 'colour' | 'gamma'>,
  stopsOf: MapStops,
): string | undefined {
  const value = gamma === 1 ? 'normalized()' : `pow(clamp(normalized(), 0.0, 1.0), ${glsl(gamma)})`;
  const control = '#uicontrol invlerp normalized';
  if ('map' in colour) return mapShader(colour.map, value, stopsOf(colour.map));
  if (colour.tint === '#ffffff') {
    return gamma === 1 ? undefined : `${control}\nvoid main() {\n  emitGrayscale(${value});\n}\n`;
  }
  return `${control}\n#uicontrol vec3 color color(default="${colour.tint}")\nvoid main() {\n  emitRGB(color * ${value});\n}\n`;
}

function mapShader(map: string, value: string, stops: readonly (readonly [number, number, number])[]): string {
  const table = stops.map((rgb) => `vec3(${rgb.map((level) => glsl(level / 255)).join(', ')})`).join(',\n  ');
  const last = stops.length - 1;
  return `// lamella:map=${map}
#uicontrol invlerp normalized
const vec3 lamellaMap[${stops.length}] = vec3[${stops.length}](
  ${table}
);
void main() {
  float at = clamp(${value}, 0.0, 1.0) * ${glsl(last)};
  int low = min(int(at), ${last - 1});
  emitRGB(mix(lamellaMap[low], lamellaMap[low + 1], at - float(low)));
}
`;
}

/** A number that GLSL takes for a float. */
const glsl = (value: number): string => {
  const text = String(Number(value.toPrecision(6)));
  return /[.e]/.test(text) ? text : `${text}.0`;
};
