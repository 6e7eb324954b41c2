/** What the server needs of where it runs: Node, or a worker in a browser. */
export interface Host {
  /** The text of a file that no editor has open; undefined where there is none. */
  readonly read: (uri: string) => string | undefined;
  /** Where what there is to say about a code can be read. */
  readonly docsOf?: (code: string) => string | undefined;
}
