const volumeId = /^volume-[0-9a-z]{4,32}$/;

/** Whether a reference to a source names a volume of the library. */
export const isVolumeId = (ref: string): boolean => volumeId.test(ref);
