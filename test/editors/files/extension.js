// Files in memory for VS Code in a browser: those of `files.json` beside this. A file that is written is told to those who watch.
const { EventEmitter, FileSystemError, FileType, Uri, workspace } = require('vscode');

exports.activate = async ({ extensionUri, subscriptions }) => {
  const written = await workspace.fs.readFile(Uri.joinPath(extensionUri, 'files.json'));
  const files = new Map(
    Object.entries(JSON.parse(new TextDecoder().decode(written))).map(([path, text]) => [path, new TextEncoder().encode(text)]),
  );
  const changed = new EventEmitter();
  const at = (uri) => {
    const bytes = files.get(uri.path);
    if (bytes === undefined) throw FileSystemError.FileNotFound(uri);
    return bytes;
  };
  const refuse = (uri) => {
    throw FileSystemError.NoPermissions(uri);
  };
  subscriptions.push(
    workspace.registerFileSystemProvider('memory', {
      onDidChangeFile: changed.event,
      watch: () => ({ dispose: () => undefined }),
      stat: (uri) =>
        uri.path === '/'
          ? { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 }
          : { type: FileType.File, ctime: 0, mtime: Date.now(), size: at(uri).length },
      readDirectory: () => [...files.keys()].map((path) => [path.slice(1), FileType.File]),
      readFile: at,
      writeFile: (uri, bytes) => {
        const type = files.has(uri.path) ? 1 : 2;
        files.set(uri.path, bytes);
        changed.fire([{ type, uri }]);
      },
      createDirectory: refuse,
      delete: refuse,
      rename: refuse,
    }),
  );
};
