/**
 * The map of docs/architecture.md as lint options. `test: true` is the variant for specs and e2e projects,
 * which alone may import layer:test. `npm` lists what a layer may take from the registry; node: modules are not npm.
 */
const LAYERS = {
  vocabulary: { may: ['vocabulary'], npm: ['jose', 'zod'] },
  core: { may: ['vocabulary'], npm: ['jose', 'zod'] },
  platform: { may: ['vocabulary', 'platform'] },
  adapter: { may: ['core', 'vocabulary', 'platform'] },
  kit: { may: ['core', 'vocabulary', 'platform', 'adapter'] },
  app: { may: ['core', 'vocabulary', 'platform', 'adapter', 'kit'] },
  e2e: { may: ['vocabulary'] },
  test: { may: ['vocabulary'] },
};
const SIDES = { rs: ['rs', 'both'], as: ['as', 'rs', 'both'], both: ['both'] };
/** Specs of these layers may use the test kit; a core's specs need nothing but the core. */
const MAY_TEST = new Set(['platform', 'adapter', 'kit', 'app', 'e2e', 'test']);
/** What specs of the pure layers may take from npm besides. */
const SPEC_NPM = ['@jest/globals', 'fast-check'];

export function boundaries({ test }) {
  return {
    enforceBuildableLibDependency: false,
    // A spec may import its own lib's fakes by the public path.
    allowCircularSelfDependency: test,
    depConstraints: [
      ...Object.entries(LAYERS).map(([layer, { may, npm }]) => ({
        sourceTag: `layer:${layer}`,
        onlyDependOnLibsWithTags: [...may, ...(test && MAY_TEST.has(layer) ? ['test'] : [])].map((to) => `layer:${to}`),
        ...(npm ? { allowedExternalImports: test ? [...npm, ...SPEC_NPM] : npm } : {}),
      })),
      ...Object.entries(SIDES).map(([side, to]) => ({
        sourceTag: `side:${side}`,
        onlyDependOnLibsWithTags: to.map((other) => `side:${other}`),
      })),
    ],
  };
}
