import { environment, flag, text, url, whole } from '#libs/runtime/environment';

/** Variables of `npm test` alone. */
export const testEnv = environment({
  TEST_DATABASE_URL: url({
    protocols: ['postgres', 'postgresql'],
    optional: true,
    about: 'A PostgreSQL for tests, as a superuser: every suite makes and drops databases in it. Without it npm test starts one.',
  }),
  TEST_REDIS_URL: url({
    protocols: ['redis'],
    optional: true,
    about: 'A Redis for tests, which flush it. Without it npm test starts one.',
  }),
  TEST_REDIS_CACHE_URL: url({ protocols: ['redis'], optional: true, about: 'A second Redis for tests, in the role of the cache.' }),
  TEST_CASSANDRA_CONTACT_POINTS: text({
    optional: true,
    about:
      'A Cassandra for tests (host:port): suites make and drop keyspaces in it. With REQUIRE_CASSANDRA and without it, npm test starts one.',
  }),
  REQUIRE_CASSANDRA: flag({ default: false, about: 'Run the suites that need Cassandra, instead of saying that they were skipped.' }),
  REQUIRE_BROWSER: flag({ default: false, about: 'Run the suites that need Chromium, instead of saying that they were skipped.' }),
  REQUIRE_NGINX: flag({ default: false, about: 'Run the suites that need nginx, instead of saying that they were skipped.' }),
  REQUIRE_S3: flag({ default: false, about: 'Run the suites that need an S3 server, instead of saying that they were skipped.' }),
  VERSITYGW: text({ optional: true, about: 'The S3 server for tests, versitygw, where it is not on the PATH.' }),
  COMPOSE_CHECK: text({
    optional: true,
    about: 'A program that prints the model of a compose file by compose’s own library (compose-go); without it that test is skipped.',
  }),
  SIMULATION_SEED: whole({ min: 1, max: 999_999_999, default: 1, about: 'The first seed of the simulation.' }),
  SIMULATION_RUNS: whole({ min: 1, max: 999_999_999, default: 200, about: 'How many simulated shops npm test adds up.' }),
  SIMULATION_LOG_LEVEL: text({ default: 'silent', about: 'What simulated services log.' }),
  CHROMIUM: text({ optional: true, about: 'The Chromium for tests, where none is on the PATH.' }),
});
