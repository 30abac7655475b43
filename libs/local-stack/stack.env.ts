import { environment, text } from '#libs/runtime/environment';
import { settings } from '#libs/runtime/settings';

const { NODE_ENV, HOST, PORT_OFFSET, GATEWAY_PORT, DATABASE_PREFIX, DATABASE_URL, REDIS_PREFIX, PUBLIC_URL } = settings.variables;

/** Variables of `npm start`, `npm test` and `npm run dev` alone; no service reads them. */
export const localStackEnv = environment({
  DATA_DIR: text({
    default: '.only2u',
    about:
      'Where our own Postgres and Redis, the generated secrets and the Razorpay simulator’s ledger keep their data; one stack at a time.',
  }),
});

/** What the stack itself has to know of the variables that it also hands on. */
export const stackEnv = environment({
  ...localStackEnv.variables,
  ...{ NODE_ENV, HOST, PORT_OFFSET, GATEWAY_PORT, DATABASE_PREFIX, DATABASE_URL, REDIS_PREFIX, PUBLIC_URL },
});
