import { API_VERSION, openApiOf } from '#libs/contracts/openapi';
import { publicContracts } from './gateway.contracts.ts';

/** `node dist/apps/gateway/src/print-openapi.js`: the document that the gateway serves, without a running system. */
process.stdout.write(`${JSON.stringify(openApiOf(publicContracts, API_VERSION), null, 2)}\n`);
