/** The server as a process that VS Code starts, and talks to over the channel between processes. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { ClientFiles } from '../client-files.ts';
import { serve } from '../server.ts';

const connection = createConnection(ProposedFeatures.all);
serve(connection, new ClientFiles(connection));
connection.listen();
