import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../../library/version.ts';
import { root } from './imports.ts';

interface PackageJson {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(text('package.json')) as PackageJson;

describe('the package', () => {
  it('says its version once', () => {
    expect(version).toBe(manifest.version);
    expect(text('CHANGELOG.md')).toContain(`## ${manifest.version}`);
  });

  it('pins every dependency exactly', () => {
    for (const range of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(range).toMatch(/^(?:npm:[a-z]+@)?\d+\.\d+\.\d+$/u);
  });

  it('has the scripts that its pages speak of', () => {
    const pages = ['README.md', 'CONTRIBUTING.md'].map(text).join('\n');
    const spokenOf = [...pages.matchAll(/npm run ([\w:]+)/gu)].map((m) => m[1] ?? '');
    expect(spokenOf.length).toBeGreaterThan(0);
    for (const script of spokenOf) expect(Object.keys(manifest.scripts)).toContain(script);
  });

  it('has a script for integration that bash can read', () => {
    execFileSync('bash', ['-n', join(root, '.ci/run')]);
    expect(text('.github/workflows/ci.yml')).toContain('.ci/run');
  });

  it('links to files that exist', () => {
    for (const page of readdirSync(root).filter((name) => name.endsWith('.md'))) {
      const links = [...text(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/gu)].map((m) => m[1] ?? '');
      for (const link of links) expect(existsSync(join(root, link)), `${page} links to ${link}`).toBe(true);
    }
  });
});
