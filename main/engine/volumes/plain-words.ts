import { plainText } from '../../../preload/contract/plain-text.ts';
import type { OpenVolume } from '../formats/volume-format.ts';
import { replaced } from './replaced.ts';

const [mostName, mostWarning, mostWarnings] = [200, 1000, 100];

/** Changes the names and sentences that come from a volume's files to such as can be shown, in place of its own. */
export function withPlainWords(volume: OpenVolume): OpenVolume {
  const { plan, notes } = volume;
  const name = plainText(plan.name, mostName);
  const channels = plan.channels.map((channel) => ({ ...channel, name: plainText(channel.name, mostName) }));
  const transforms = plan.transforms.map((one) => ({ ...one, space: plainText(one.space, mostName) }));
  const warnings = notes.warnings?.slice(0, mostWarnings).map((one) => plainText(one, mostWarning));
  const storage = notes.storage === undefined ? {} : { storage: plainText(notes.storage, mostWarning) };
  return replaced(volume, {
    plan: { ...plan, name: name === '' ? 'volume' : name, channels, transforms },
    notes: { ...notes, ...storage, ...(warnings && { warnings }) },
  });
}
