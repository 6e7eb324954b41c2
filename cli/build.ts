/** Written in by the build: a digest of all that it made. */
declare const BILEVEL_BUILD: string | undefined;

/** What tells this build from every other; undefined where the sources run as they are. */
export const build = typeof BILEVEL_BUILD === 'undefined' ? undefined : BILEVEL_BUILD;
