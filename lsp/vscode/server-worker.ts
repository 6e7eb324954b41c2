/** The server as a worker of a browser. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection, ProposedFeatures } from 'vscode-languageserver/browser';
import { ClientFiles } from '../client-files.ts';
import { serve } from '../server.ts';

const connection = createConnection(ProposedFeatures.all, new BrowserMessageReader(self), new BrowserMessageWriter(self));
serve(connection, new ClientFiles(connection));
connection.listen();
