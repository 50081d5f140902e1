import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readProjectConfiguration, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import resourceApp from './generator.ts';

const workspace = resolve(import.meta.dirname, '../../..');
/** As deep in the workspace as apps/<name>, so that its relative paths hold; neither in git nor linted. */
const place = join(workspace, 'tmp', `generated-${process.pid}`);

const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, args, { cwd: workspace, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function filesOf(tree: Tree, folder: string): readonly string[] {
  return tree.children(folder).flatMap((child) => {
    const path = `${folder}/${child}`;
    return tree.isFile(path) ? [path] : filesOf(tree, path);
  });
}

describe('a generated resource app', () => {
  let tree: Tree;

  beforeAll(async () => {
    tree = createTreeWithEmptyWorkspace();
    // Nx's empty workspace is made for another formatter. Without any, the templates stay as they are written.
    for (const file of tree.children('.')) if (file.includes('oxfmt')) tree.delete(file);
    await resourceApp(tree, { name: 'parts-store', port: 4317 });
  });
  afterAll(() => {
    rmSync(place, { recursive: true, force: true });
  });

  it('is kept from the authorization server by its tags', () => {
    expect(readProjectConfiguration(tree, 'parts-store')).toMatchObject({
      root: 'apps/parts-store',
      tags: ['layer:app', 'side:rs'],
    });
  });

  it('leaves no hole in a template, and imports nothing that a resource app may not', () => {
    const files = filesOf(tree, 'apps/parts-store');
    expect(files).toContain('apps/parts-store/src/parts-store/list-parts-store.tool.ts');
    for (const file of files) {
      const text = tree.read(file, 'utf8') ?? '';
      expect([file, /<%|__/.test(file + text)]).toEqual([file, false]);
      for (const [, lib] of text.matchAll(/@gatehouse\/([a-z-]+)/g))
        expect(['platform', 'resource-kit']).toContain(lib);
    }
  });

  it('type checks, passes its own spec and is formatted as the workspace is', () => {
    for (const file of filesOf(tree, 'apps/parts-store')) {
      const target = join(place, file.slice('apps/parts-store/'.length));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, tree.read(file) ?? '');
    }
    run('node_modules/typescript-7/bin/tsc', '-p', place);
    run(
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '-c',
      join(place, 'jest.config.js'),
    );
    run('node_modules/prettier/bin/prettier.cjs', '--ignore-path', '/dev/null', '--check', join(place, 'src'));
  }, 120_000);

  it('is not made twice, nor under a name that could lead elsewhere', async () => {
    await expect(resourceApp(tree, { name: 'parts-store' })).rejects.toThrow('exists already');
    for (const name of ['../evil', 'Parts', 'a--b', 'a b', '', '-a'])
      await expect(resourceApp(tree, { name })).rejects.toThrow('Not a name');
  });
});
