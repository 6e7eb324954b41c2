/**
 * One form for the URI of a file: editors escape in it what a page writes as it is, such as a space in the path of an import. A key, and not
 * to be sent.
 */
export function plain(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch (error) {
    // A `%` that escapes nothing is one.
    if (error instanceof URIError) return uri;
    throw error;
  }
}
