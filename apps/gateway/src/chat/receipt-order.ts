import type { Receipt } from '#libs/contracts/chat/views';

const MOST_READERS = 50_000;

/** How far readers are, as it was told here: what comes late tells of it as it is, so that no pointer goes back at a client. */
export class ReceiptOrder {
  private readonly readers = new Map<string, { readonly delivered: number; readonly read: number }>();

  risen(receipt: Receipt): Receipt {
    const key = `${receipt.threadId} ${receipt.userId}`;
    const before = this.readers.get(key);
    const delivered = Math.max(before?.delivered ?? 0, receipt.delivered ?? 0);
    const read = Math.max(before?.read ?? 0, receipt.read ?? 0);
    // The reader told of last stands at the end.
    this.readers.delete(key);
    this.readers.set(key, { delivered, read });
    const [oldest = ''] = this.readers.keys();
    if (this.readers.size > MOST_READERS) this.readers.delete(oldest);
    // What is kept from somebody stays so.
    return { ...receipt, ...(receipt.delivered === null ? {} : { delivered }), ...(receipt.read === null ? {} : { read }) };
  }
}
