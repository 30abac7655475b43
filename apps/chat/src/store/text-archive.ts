/** The content of a message at one of its revisions. */
export interface ArchivedText {
  readonly threadId: string;
  readonly sequence: number;
  readonly revision: number;
  readonly content: string;
}

/** A store that takes over texts which Postgres need not keep. Writing again, and late, changes nothing: the highest revision stands. */
export abstract class TextArchive {
  /** All of them are there once this is done. @throws DatabaseUnavailable */
  abstract keep(texts: readonly ArchivedText[]): Promise<void>;
  /** Those of a thread by their sequence. @throws DatabaseUnavailable */
  abstract find(threadId: string, sequences: readonly number[]): Promise<ReadonlyMap<number, ArchivedText>>;
}
