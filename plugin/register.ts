/** `node --import bilevel/register app.mjs`: Node imports pages as modules. The hooks themselves run on a thread of Node's. */
import { register } from 'node:module';

register('./hooks.js', import.meta.url);
