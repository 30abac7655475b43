/**
 * An answer that is JSON already, such as a page of texts that are kept whole: it leaves as it is, neither parsed nor written again. Its
 * maker answers for its fields; the service's suites hold them to the contract.
 */
export class ReadyJson {
  constructor(readonly text: string) {}
}
