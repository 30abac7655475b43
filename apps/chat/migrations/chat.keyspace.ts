/** What the keyspace `only2u_chat` has, where Cassandra keeps the texts of messages. Reasoned in ADR 22. */
export const keyspace: readonly string[] = [
  // Changes overwrite and nothing is removed, so partitions gather no tombstones.
  `CREATE TABLE IF NOT EXISTS messages (
    thread_id uuid, bucket int, sequence int, revision int, content text, PRIMARY KEY ((thread_id, bucket), sequence)
  ) WITH CLUSTERING ORDER BY (sequence DESC)`,
];
