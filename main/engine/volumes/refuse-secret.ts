import { LamellaError } from '../../../preload/contract/errors.ts';
import { hasSecret, parseAddress, toText } from '../sources/address.ts';
import { isVolumeId } from './volume-id.ts';

/** Throws 'invalid-input' where an address carries a signature or token: the library would keep it, and must not. */
export function refuseSecret(ref: string): void {
  const address = isVolumeId(ref) ? null : parseAddress(ref);
  if (address === null || !hasSecret(address)) return;
  const shown = toText(address);
  throw new LamellaError('invalid-input', `${shown} opens with a signature or token, which a library does not keep.`, {
    hint: 'Use an address without one, keys in the environment for a bucket (s3://), or convert it to a place of your own. Describing and cutting out work with it too.',
    fields: { source: shown },
  });
}
