/**
 * What a client may switch off, and where it says so: in the options that it starts the server with, and in its settings under `bilevel`,
 * which win. Knows nothing of what is switched.
 */
import { DidChangeConfigurationNotification, type ClientCapabilities, type Connection } from 'vscode-languageserver';

/** The switches by their names under `bilevel`; all are on until they are switched off. */
export const switches = ['inlayHints.shapes', 'inlayHints.stages', 'inlayHints.strategy', 'lenses'] as const;
export type Switch = (typeof switches)[number];

export type Settings = Readonly<Record<Switch, boolean>>;

/** What is given, and what of it is neither on nor off, in words. */
export function settingsIn(given: unknown): { readonly settings: Partial<Settings>; readonly wrong: readonly string[] } {
  const values = switches.map((name) => [name, valueAt(given, name)] as const).filter(([, value]) => value !== undefined && value !== null);
  return {
    settings: Object.fromEntries(values.filter(([, value]) => typeof value === 'boolean')),
    wrong: values
      .filter(([, value]) => typeof value !== 'boolean')
      .map(([name, value]) => `\`bilevel.${name}\` is true or false, and not ${JSON.stringify(value)}`),
  };
}

/** `{ inlayHints: { shapes } }`, or under the whole name, as some editors keep it: `{ 'inlayHints.shapes' }`. */
function valueAt(given: unknown, name: string): unknown {
  const member = (object: unknown, key: string): unknown =>
    typeof object === 'object' && object !== null ? (object as Readonly<Record<string, unknown>>)[key] : undefined;
  return member(given, name) ?? name.split('.').reduce(member, given);
}

/** Follows them; `changed` is called when they are not what they were. */
export function serveSettings(connection: Connection, changed: () => void) {
  let client: ClientCapabilities = {};
  let atStart: Partial<Settings> = {};
  let now: Partial<Settings> = {};

  const read = (given: unknown): Partial<Settings> => {
    const { settings, wrong } = settingsIn(given);
    wrong.forEach((each) => connection.console.warn(each));
    return settings;
  };
  const current = (): Settings => {
    const all = { ...atStart, ...now };
    return Object.fromEntries(switches.map((name) => [name, all[name] ?? true])) as Settings;
  };
  const take = (given: unknown): void => {
    const before = current();
    now = read(given);
    const after = current();
    if (switches.some((name) => before[name] !== after[name])) changed();
  };
  const pull = async (): Promise<void> => take(await connection.workspace.getConfiguration('bilevel'));
  const isAsked = (): boolean => client.workspace?.configuration === true;
  const ask = (): void => void pull().catch((error: unknown) => connection.console.error(`settings: ${String(error)}`));

  connection.onDidChangeConfiguration(({ settings }: { readonly settings?: { readonly bilevel?: unknown } | null }) => {
    if (isAsked()) ask();
    else take(settings?.bilevel);
  });

  return {
    current,
    /** The client has said who it is, and what it was started with. */
    start: (capabilities: ClientCapabilities, options: unknown): void => {
      client = capabilities;
      atStart = read(options);
    },
    /** It may be asked now. */
    begin: (): void => {
      const registers = client.workspace?.didChangeConfiguration?.dynamicRegistration === true;
      if (registers) void connection.client.register(DidChangeConfigurationNotification.type, { section: 'bilevel' });
      if (isAsked()) ask();
    },
  };
}
