// JSON schemas (draft 7) of what the programmatic interface answers and of what the command line prints with --json, from their types.
// They are committed under library/schemas/, and `npm run build` puts them into the package as `bilevel/schemas/NAME.json`.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const root = fileURLToPath(new URL('..', import.meta.url));
export const folder = join(root, 'library', 'schemas');

/** The type that each schema is made from. */
const types = {
  'check.json': 'Checked',
  'compile.json': 'Compilation',
  'format.json': 'Formatted',
  'plan.json': 'Planned',
  'diagnostic.json': 'LocatedDiagnostic',
  'cli/plan.json': 'PlanOutput',
  'cli/gradient.json': 'GradientOutput',
  'cli/run.json': 'RunOutput',
};

/**
 * The text of every schema, by its path in the folder.
 * @returns {ReadonlyMap<string, string>}
 */
export function schemas() {
  const generator = createGenerator({
    path: join(root, 'library/{index,json}.ts'),
    tsconfig: join(root, 'tsconfig.build.json'),
    // TypeScript itself checks them; this one is an older one.
    skipTypeCheck: true,
    sortProps: false,
  });
  const texts = Object.entries(types).map(([name, type]) => [name, `${JSON.stringify(schemaOf(generator, type), undefined, 2)}\n`]);
  return new Map(texts);
}

function schemaOf(generator, type) {
  const { $schema, definitions, ...rest } = generator.createSchema(type);
  return { $schema, title: type, ...rest, definitions };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, text] of schemas()) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
