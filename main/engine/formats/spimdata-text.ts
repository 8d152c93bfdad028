import type { Affine12, SpimPair, SpimRegistration, SpimSetup, SpimView } from './spimdata.ts';
import { childOf, element, formatXml, type XmlElement } from './xml-tree.ts';

/** What is put in place of what a tree says; the rest of it stays. */
export interface SpimChanges {
  readonly registrations?: readonly SpimRegistration[];
  readonly pairs?: readonly SpimPair[];
}

/** Writes a tree that came from a file again, with other registrations or stitching results. */
export function formatSpimData(root: XmlElement, changes: SpimChanges = {}): string {
  const { registrations, pairs } = changes;
  const parts = [
    ...(registrations ? [element('ViewRegistrations', {}, registrations.map(registrationElement))] : []),
    ...(pairs ? [element('StitchingResults', {}, pairs.map(pairElement))] : []),
  ];
  return formatXml({ root: parts.reduce(withChild, root), doctype: '' });
}

function withChild(root: XmlElement, part: XmlElement): XmlElement {
  const isThere = childOf(root, part.name) !== undefined;
  const children = isThere
    ? root.children.map((child) => (child.name === part.name ? part : child))
    : [...root.children, part];
  return { ...root, children };
}

export interface NewSpimData {
  /** Element of the image loader, whole. */
  readonly loader: XmlElement;
  readonly setups: readonly SpimSetup[];
  readonly channelNames: readonly string[];
  readonly missing: readonly SpimView[];
}

/** A tree of version 0.2 for one time point, without registrations. */
export function newSpimData({ loader, setups, channelNames, missing }: NewSpimData): XmlElement {
  const attributesOf = (name: string, tag: string, nameOf: (id: number) => string): XmlElement => {
    const ids = [...new Set(setups.map(({ attributes }) => attributes[name] ?? 0))].toSorted((a, b) => a - b);
    const entries = ids.map((id) => element(tag, {}, [leaf('id', id), leaf('name', nameOf(id))]));
    return element('Attributes', { name }, entries);
  };
  const sequence = element('SequenceDescription', {}, [
    loader,
    element('ViewSetups', {}, [
      ...setups.map(setupElement),
      attributesOf('illumination', 'Illumination', String),
      attributesOf('channel', 'Channel', (id) => channelNames[id] || String(id)),
      attributesOf(
        'tile',
        'Tile',
        (id) => setups.find(({ attributes }) => attributes['tile'] === id)?.name ?? String(id),
      ),
      attributesOf('angle', 'Angle', String),
    ]),
    element('Timepoints', { type: 'range' }, [leaf('first', 0), leaf('last', 0)]),
    element(
      'MissingViews',
      {},
      missing.map(({ timepoint, setup }) =>
        element('MissingView', { timepoint: String(timepoint), setup: String(setup) }),
      ),
    ),
  ]);
  return element('SpimData', { version: '0.2' }, [
    { ...leaf('BasePath', '.'), attributes: { type: 'relative' } },
    sequence,
    element('ViewRegistrations'),
    element('ViewInterestPoints'),
    element('BoundingBoxes'),
    element('PointSpreadFunctions'),
    element('StitchingResults'),
    element('IntensityAdjustments'),
  ]);
}

function setupElement({ id, name, size, voxel, attributes }: SpimSetup): XmlElement {
  return element('ViewSetup', {}, [
    leaf('id', id),
    leaf('name', name),
    ...(size ? [leaf('size', size.join(' '))] : []),
    ...(voxel ? [element('voxelSize', {}, [leaf('unit', voxel.unit), leaf('size', voxel.size.join(' '))])] : []),
    element(
      'attributes',
      {},
      Object.entries(attributes).map(([key, value]) => leaf(key, value)),
    ),
  ]);
}

const registrationElement = ({ timepoint, setup, transforms }: SpimRegistration): XmlElement =>
  element(
    'ViewRegistration',
    { timepoint: String(timepoint), setup: String(setup) },
    transforms.map(({ name, affine }) =>
      element('ViewTransform', { type: 'affine' }, [leaf('Name', name), leaf('affine', numbers(affine))]),
    ),
  );

function pairElement(pair: SpimPair): XmlElement {
  const { setupsA, setupsB, timepointsA, timepointsB, shift, correlation, hash, overlap } = pair;
  return element(
    'PairwiseResult',
    {
      view_setup_a: setupsA.join(','),
      view_setup_b: setupsB.join(','),
      tp_a: timepointsA.join(','),
      tp_b: timepointsB.join(','),
    },
    [
      { ...leaf('shift', numbers(shift)), attributes: { type: 'affine' } },
      leaf('correlation', correlation),
      ...(hash === null ? [] : [leaf('hash', hash)]),
      ...(overlap === null ? [] : [leaf('overlap_boundingbox', numbers(overlap))]),
    ],
  );
}

const leaf = (name: string, text: string | number): XmlElement => element(name, {}, String(text));
const numbers = (values: Affine12): string => values.join(' ');
