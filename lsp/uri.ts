/** The schemes under which editors show what a file was, beside what it is: of Git, and of a history of their own. */
const former = /^(?:git|gitfs|gitlens|gitlens-git|review|pr|conflictResolution|vscode-local-history|fugitive|gitsigns|diffview):/u;

/** Nobody can edit such a page, and its mistakes are shown on the page that it has become. */
export const isFormer = (uri: string): boolean => former.test(uri);

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
