/**
 * What to call a dataset after where it lies: the last part of a path or address, decoded, without a query, and without
 * the endings that only say how it is stored.
 */
export function nameOfPlace(place: string): string {
  const isAddress = /^([a-z][a-z0-9-]*:)?[a-z][a-z0-9+.-]*:\/\//i.test(place);
  const plain = isAddress ? place.replaceAll(/\?[^|]*/g, '') : place;
  const parts = plain
    .replaceAll(/\|[a-z0-9-]+:/g, '/')
    .split(/[\\/]/)
    .filter((part) => part !== '');
  const last = parts.at(-1) ?? place;
  const name = isAddress ? decoded(last) : last;
  return name.replace(/(\.ome)?\.(zarr|n5|zip|ozx)$/i, '') || name;
}

/** A name that is no valid encoding stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
