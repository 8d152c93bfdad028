import { z } from 'zod';
import { labelHex, labelId, labelText, mostNamedLabels, type NamedLabel } from './named-label.ts';

/** `image-label` of NGFF: https://ngff.openmicroscopy.org/0.5/index.html#label-md. What of it is damaged is left out. */
const valueSchema = z.looseObject({ 'label-value': z.union([z.number(), z.string()]) });
const listSchema = z.array(valueSchema.nullable().catch(null)).max(mostNamedLabels).catch([]);
const imageLabelSchema = z.object({ colors: listSchema.optional(), properties: listSchema.optional() });

type Value = z.output<typeof valueSchema>;

/** Where writers put the name: NGFF names no key for it. */
const nameKeys = ['name', 'label', 'label-name', 'class', 'title', 'acronym'];

export function imageLabels(imageLabel: unknown): readonly NamedLabel[] {
  const { colors = [], properties = [] } = imageLabelSchema.safeParse(imageLabel).data ?? {};
  const found = new Map<string, NamedLabel>();
  const add = (values: readonly (Value | null)[], tell: (value: Value) => Partial<NamedLabel>): void => {
    for (const value of values) {
      const id = value && labelId(value['label-value']);
      if (value && id !== null)
        found.set(id, { name: '', about: '', colour: null, ...found.get(id), ...tell(value), id });
    }
  };
  add(properties, textOf);
  add(colors, ({ rgba }) => ({ colour: labelHex(rgba) }));
  return [...found.values()];
}

function textOf(value: Value): Partial<NamedLabel> {
  const nameKey = nameKeys.find((key) => labelText(value[key]) !== '');
  const about = Object.entries(value)
    .filter(([key, said]) => key !== 'label-value' && key !== nameKey && labelText(said) !== '')
    .map(([key, said]) => `${key}: ${labelText(said)}`);
  return { name: nameKey === undefined ? '' : labelText(value[nameKey]), about: labelText(about.join(' · ')) };
}
