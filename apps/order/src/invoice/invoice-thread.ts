/** The printer's thread; `invoice-printer.ts` starts it. */
import workerpool from 'workerpool';
import { printed } from './invoice-document.ts';

workerpool.worker({ printed });
