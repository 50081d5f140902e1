/** How workspace code is bundled, for applications and for tools that must load a part of it. */
import { rename, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

export const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
/** Bundled: own files, other libs by their alias, and the compiler's decorator helpers. */
const INSIDE = /^(\.|\/|\0|@gatehouse\/|@oxc-project\/runtime)/;

/** `input` maps the name of each entry to its source; `out` is replaced as a whole. @throws Error on any warning */
export async function bundle(input: Readonly<Record<string, string>>, out: string): Promise<void> {
  const build = await rolldown({
    cwd: WORKSPACE,
    input: { ...input },
    platform: 'node',
    tsconfig: join(WORKSPACE, 'tsconfig.base.json'),
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    external: (id) => !isAbsolute(id) && !INSIDE.test(id),
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  // Written aside and then moved: whoever starts the application never meets half a build.
  const aside = `${out}.${String(process.pid)}`;
  try {
    await build.write({
      dir: aside,
      format: 'esm',
      sourcemap: true,
      keepNames: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
    });
    await replace(out, aside);
  } finally {
    await build.close();
    await rm(aside, { recursive: true, force: true });
  }
}

async function replace(out: string, aside: string): Promise<void> {
  for (;;) {
    await rm(out, { recursive: true, force: true });
    try {
      await rename(aside, out);
      return;
    } catch (error) {
      // Another build of the same was faster by a moment; the last one wins.
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}
