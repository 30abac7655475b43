import { refuse } from '#libs/contracts/errors';
import { StoreUnavailable } from './store/object-store.ts';

/** Work with bytes: while their store is away, the answer says so. */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StoreUnavailable ? refuse('unavailable', 'The files are not available right now') : error;
  }
}
