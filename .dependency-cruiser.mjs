/** Imports point one way; each rule says why. Run by `npm run check`. */
const libraries = ['places', 'contracts', 'observability', 'messaging', 'auth', 'persistence', 'pricing', 'runtime'];

/** What a library may import beside itself. */
const allowed = {
  places: [],
  contracts: ['places'],
  observability: ['contracts'],
  messaging: ['contracts', 'observability'],
  auth: ['contracts', 'observability'],
  persistence: ['contracts', 'observability'],
  pricing: ['contracts', 'messaging'],
  runtime: ['contracts', 'observability', 'messaging', 'auth', 'persistence'],
};

export default {
  forbidden: [
    {
      name: 'apps-do-not-import-apps',
      comment: 'A service is reached over the bus, through its contract. A shared import would tie their releases together.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-do-not-import-apps',
      comment: 'A library that knows an app cannot serve the others.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    ...libraries.map((library) => ({
      name: `${library}-imports-point-down`,
      comment:
        'places ← contracts ← observability ← { messaging ← pricing, auth, persistence } ← runtime ← apps. Siblings stay apart, so that each can be read and tested alone.',
      severity: 'error',
      from: { path: `^libs/${library}/`, pathNot: '\\.spec\\.ts$|/test/' },
      to: { path: '^libs/', pathNot: `^libs/(${[library, ...allowed[library]].join('|')})/` },
    })),
    {
      name: 'product-code-does-not-import-tests-and-tools',
      comment: 'What runs in production must not need what only tests and developers have.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$|/test/|^libs/(testing|client|local-stack)/|^apps/web/' },
      to: { path: '^(libs/testing|libs/client|libs/local-stack|doubles|tools|e2e|bench)/|/test/|\\.spec\\.ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle has no first file to read, and decorators find undefined classes in it.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'only-repositories-know-the-store',
      comment:
        'SQL, TypeORM and drivers stay behind the repository files and libs/persistence: what a table is called stands beside its other queries.',
      severity: 'error',
      from: { path: '^apps/', pathNot: '\\.(repository|migrations|module)\\.ts$|^apps/[^/]+/(demo|migrations|test)/|\\.spec\\.ts$' },
      to: { path: '^libs/persistence/sql\\.ts$|node_modules/(typeorm|pg)/' },
    },
    {
      name: 'only-repositories-know-cassandra',
      comment: 'CQL and its driver stay behind the repository files as SQL does; modules may hand them a connection.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: '\\.(repository|module)\\.ts$|^libs/(persistence|testing|local-stack)/|^libs/runtime/migrate\\.ts$|\\.spec\\.ts$',
      },
      to: {
        path: '^libs/persistence/cassandra\\.ts$|node_modules/cassandra-driver/',
        // The settings say where it is.
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-barrels',
      comment: 'Files are imported by name; a barrel hides where things are and drags everything in.',
      severity: 'error',
      from: {},
      to: { path: '^(apps|libs)/.*/index\\.ts$', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|apps/web/dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'node', 'default'] },
  },
};
