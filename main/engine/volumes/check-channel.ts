import { LamellaError } from '../../../preload/contract/errors.ts';

interface Channels {
  readonly id?: string;
  readonly name: string;
  readonly channels: readonly unknown[];
  readonly times: number;
}

/** Throws 'invalid-input' where a volume has no such channel or time. */
export function checkChannel({ id, name, channels, times }: Channels, channel: number, time: number): void {
  if (channel < channels.length && time < times) return;
  throw new LamellaError(
    'invalid-input',
    `There is no channel ${channel} at time ${time}: "${name}" has ${channels.length} channels and ${times} time points, counted from 0.`,
    { hint: 'Name one that is there.', fields: { ...(id !== undefined && { volume: id }), channel, time } },
  );
}
