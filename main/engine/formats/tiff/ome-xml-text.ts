import type { VolumeNotes, VolumePlan } from '../volume-format.ts';

const omeTypes: Readonly<Record<string, string>> = { float32: 'float', float64: 'double' };

/** The OME-XML (2016-06) of a volume whose planes are pages in the order XYCZT. Plain ASCII, as TIFF wants its texts. */
export function omeXmlText(plan: VolumePlan, notes: VolumeNotes): string {
  const [x = 1, y = 1, z = 1] = plan.levels[0]?.sizeXyz ?? [];
  const channels = plan.channels.map((channel, c) => {
    return element('Channel', {
      ID: `Channel:0:${c}`,
      ...(channel.name !== '' && { Name: channel.name }),
      // A signed 32-bit RGBA.
      ...(channel.color !== null && { Color: (Number.parseInt(channel.color, 16) << 8) | 0xff }),
      SamplesPerPixel: 1,
    });
  });
  const planes = z * plan.channels.length * plan.times;
  const pixels = element(
    'Pixels',
    {
      ...{ ID: 'Pixels:0', DimensionOrder: 'XYCZT', Type: omeTypes[plan.dtype] ?? plan.dtype },
      ...{ SizeX: x, SizeY: y, SizeZ: z, SizeC: plan.channels.length, SizeT: plan.times },
      ...{ BigEndian: 'false', Interleaved: 'false' },
      ...physicalSizes(plan),
    },
    [...channels, element('TiffData', { IFD: 0, PlaneCount: planes })].join(''),
  );
  const image = element('Image', { ID: 'Image:0', Name: plan.name }, pixels);
  return ascii(
    `<?xml version="1.0" encoding="UTF-8"?>${element('OME', omeAttributes, image + ownAnnotation(plan, notes))}`,
  );
}

const schema = 'http://www.openmicroscopy.org/Schemas/OME/2016-06';
const omeAttributes = {
  xmlns: schema,
  'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
  'xsi:schemaLocation': `${schema} ${schema}/ome.xsd`,
  Creator: 'Lamella',
};

function physicalSizes(plan: VolumePlan): Record<string, string | number> {
  const nm = plan.levels[0]?.voxelSizeNm ?? [1, 1, 1];
  const sizes = ['X', 'Y', 'Z'].map((axis, i) => ({
    [`PhysicalSize${axis}`]: decimal(nm[i] ?? 1),
    [`PhysicalSize${axis}Unit`]: 'nm',
  }));
  const time =
    plan.secondsPerTime === null ? {} : { TimeIncrement: decimal(plan.secondsPerTime), TimeIncrementUnit: 's' };
  return Object.assign({}, ...sizes, time) as Record<string, string | number>;
}

/** The schema's floats may have exponents, but not every reader knows. */
const decimal = (value: number): string => {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
};

/** What OME has no place for: labels, the corner of the volume, windows, and the notes of the dataset. */
function ownAnnotation(plan: VolumePlan, { attributes }: VolumeNotes): string {
  const originNm = plan.levels[0]?.originNm;
  const own = {
    ...(plan.kind === 'segmentation' && { kind: plan.kind }),
    ...(originNm?.some((nm) => nm !== 0) && { originNm }),
    ...(plan.channels.some(({ window }) => window) && { windows: plan.channels.map(({ window }) => window) }),
    ...(attributes && { attributes }),
  };
  if (Object.keys(own).length === 0) return '';
  const value = `<Value>${escaped(JSON.stringify(own))}</Value>`;
  const annotation = element('CommentAnnotation', { ID: 'Annotation:0', Namespace: 'lamella' }, value);
  return element('StructuredAnnotations', {}, annotation);
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, inner = ''): string {
  const text = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return inner === '' ? `<${name}${text.join('')}/>` : `<${name}${text.join('')}>${inner}</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML 1.0 can't hold become U+FFFD; tabs and line ends survive as references. */
const escaped = (text: string): string =>
  text
    // Halves of pairs too.
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll(/[&<>"']/g, (one) => entities[one] ?? one)
    .replaceAll(/[\t\n\r]/g, (one) => `&#${one.codePointAt(0)};`);

const ascii = (xml: string): string =>
  xml.replaceAll(/[\u0080-\u{10FFFF}]/gu, (one) => `&#x${(one.codePointAt(0) ?? 0).toString(16).toUpperCase()};`);
