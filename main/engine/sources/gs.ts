import type { Network } from './network.ts';
import type { RemoteSource } from './object-reader.ts';
import { openS3Source } from './s3.ts';

export interface GsPlace {
  readonly name: string;
  readonly bucket: string;
  /** '' or a folder's key with a slash at its end. */
  readonly prefix: string;
  readonly network: Network;
  readonly allowPrivate: boolean;
  readonly clock: () => Date;
  /** Origin; Google's where left out. */
  readonly endpoint?: string | undefined;
}

/** A public bucket of Google Cloud Storage, by its XML interface, which lists and refuses as S3 does. */
export function openGsSource({ endpoint = 'https://storage.googleapis.com', ...place }: GsPlace): RemoteSource {
  return openS3Source({ ...place, access: { endpoint, addressing: 'path' } });
}
