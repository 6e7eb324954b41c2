// Files in memory for VS Code in a browser: those of `files.json` beside this. A command takes them anew, as if another program had written
// them; who watches is told. Another takes settings of the user from `settings.json`.
const { commands, ConfigurationTarget, EventEmitter, FileChangeType, FileSystemError, FileType, Uri, workspace } = require('vscode');

exports.activate = async ({ extensionUri, subscriptions }) => {
  const files = new Map();
  const changed = new EventEmitter();
  const put = (uri, bytes) => {
    const type = files.has(uri.path) ? FileChangeType.Changed : FileChangeType.Created;
    files.set(uri.path, bytes);
    changed.fire([{ type, uri }]);
  };
  const load = async () => {
    const written = await workspace.fs.readFile(Uri.joinPath(extensionUri, 'files.json'));
    for (const [path, text] of Object.entries(JSON.parse(new TextDecoder().decode(written))))
      put(Uri.from({ scheme: 'memory', path }), new TextEncoder().encode(text));
  };
  const configure = async () => {
    const written = await workspace.fs.readFile(Uri.joinPath(extensionUri, 'settings.json'));
    for (const [name, value] of Object.entries(JSON.parse(new TextDecoder().decode(written))))
      await workspace.getConfiguration().update(name, value, ConfigurationTarget.Global);
  };
  const at = (uri) => {
    const bytes = files.get(uri.path);
    if (bytes === undefined) throw FileSystemError.FileNotFound(uri);
    return bytes;
  };
  const refuse = (uri) => {
    throw FileSystemError.NoPermissions(uri);
  };
  const provider = {
    onDidChangeFile: changed.event,
    watch: () => ({ dispose: () => undefined }),
    stat: (uri) =>
      uri.path === '/'
        ? { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 }
        : { type: FileType.File, ctime: 0, mtime: Date.now(), size: at(uri).length },
    readDirectory: () => [...files.keys()].map((path) => [path.slice(1), FileType.File]),
    readFile: at,
    writeFile: put,
    createDirectory: refuse,
    delete: refuse,
    rename: refuse,
  };
  await load();
  subscriptions.push(
    commands.registerCommand('files.reload', load),
    commands.registerCommand('files.settings', configure),
    // Folders of the second scheme are not trusted by themselves.
    ...['memory', 'vscode-vfs'].map((scheme) => workspace.registerFileSystemProvider(scheme, provider)),
  );
};
