import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex, createTable, overAllRows } from '#libs/persistence/migration-steps';
import { defaultSynonyms } from './search/default-synonyms.ts';
import { DROP_WORD_FUNCTIONS, WORD_FUNCTIONS } from './search/words.sql.ts';

/** Products a statement. */
const BATCH = 500;

/**
 * What searches read: a document for each listed product, the words of all of them for spelling, the words of categories, and synonyms. All but
 * the last are kept by triggers, so that they are right in the same transaction, whichever version of the service writes.
 */
export class Search1764101400000 implements MigrationInterface {
  /** Tables and triggers are one short transaction, the documents of what is there come in batches; a run that was cut off goes on. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // The owner of a database may create this one: it is trusted.
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await createTable(runner, 'search_documents', STATEMENTS);
    await overAllRows(
      runner,
      BATCH,
      `WITH batch AS (SELECT p.id FROM products p WHERE p.id > $1 ORDER BY p.id LIMIT $2), made AS (
         SELECT search_keep(array_agg(p ORDER BY p.id)) FROM products p WHERE p.listed AND p.id IN (SELECT id FROM batch))
       SELECT (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last FROM made`,
    );
    await buildIndex(runner, 'search_documents_words', 'search_documents USING gin (words) WITH (gin_pending_list_limit = 256)');
    await buildIndex(runner, 'search_terms_slips', 'search_terms USING gin (slips)');
    await buildIndex(runner, 'search_terms_like', 'search_terms USING gin (word gin_trgm_ops)');
    await buildIndex(runner, 'search_terms_sound', 'search_terms (sound)');
    await buildIndex(runner, 'search_terms_lexeme', 'search_terms (lexeme)');
    await buildIndex(runner, 'search_terms_begin', 'search_terms (word text_pattern_ops)');
    for (const table of ['search_documents', 'search_terms']) await runner.query(`ANALYZE ${table}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['inserted', 'updated']) await runner.query(`DROP TRIGGER products_search_${name} ON products`);
    await runner.query('DROP TRIGGER categories_search ON categories');
    await runner.query('DROP FUNCTION search_inserted(), search_updated(), search_categories_changed(), search_keep(products[])');
    await runner.query(
      'DROP FUNCTION search_keep_words(text[], text[]), search_vector(products), search_options(text[]), search_popularity(bigint)',
    );
    await runner.query(
      'DROP TABLE search_documents, search_terms, search_category_words, search_brands, search_synonyms, search_state, search_queries',
    );
    for (const statement of DROP_WORD_FUNCTIONS) await runner.query(statement);
  }
}

/** As the tables' owner: a version of the service from before has no rights on them. */
const AS_OWNER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = 'public', 'pg_temp'";

const TABLES = [
  `CREATE TABLE search_documents (
    product_id uuid PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE,
    -- A: name; B: brand, colours, and its category as 'c:' with the id; C: attributes and sizes; D: description.
    words tsvector NOT NULL,
    -- Among what fits a search equally well, the more sold comes first. In steps, so that a sale seldom writes here.
    popularity smallint NOT NULL
  )`,
  // A search counts what an index finds, which needs no look at the rows where the visibility map is current.
  'ALTER TABLE search_documents SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05)',
  `CREATE TABLE search_terms (
    word text PRIMARY KEY,
    lexeme text NOT NULL,
    sound text NOT NULL,
    slips text[] NOT NULL,
    -- It stands in more than descriptions.
    is_fact boolean NOT NULL,
    -- In how many documents, as a round has counted; 1 until then, and 0 where it is in none.
    products integer NOT NULL DEFAULT 1
  )`,
  `CREATE TABLE search_category_words (
    category_id uuid NOT NULL REFERENCES categories (id) ON DELETE CASCADE,
    lexeme text NOT NULL,
    PRIMARY KEY (category_id, lexeme)
  )`,
  `CREATE TABLE search_brands (
    -- In small letters.
    name text PRIMARY KEY,
    brand text NOT NULL
  )`,
  `CREATE TABLE search_synonyms (
    id uuid PRIMARY KEY,
    -- Each a word or a phrase, as staff wrote it.
    words text[] NOT NULL CHECK (cardinality(words) BETWEEN 1 AND 30),
    -- What these words find too, and not the other way round; null: each of the words finds all of them.
    finds text[] CHECK (cardinality(finds) BETWEEN 1 AND 30),
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT search_synonyms_mean_something CHECK (finds IS NOT NULL OR cardinality(words) > 1)
  )`,
  `CREATE TABLE search_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- Another number after each change of synonyms and categories: what a replica remembers of them is good for one.
    version bigint NOT NULL DEFAULT 1,
    counted_at timestamptz
  )`,
  'INSERT INTO search_state DEFAULT VALUES',
  `CREATE TABLE search_queries (
    -- Words of the catalogue alone.
    query text PRIMARY KEY,
    times bigint NOT NULL,
    last_asked_on date NOT NULL
  )`,
  'CREATE INDEX search_queries_begin ON search_queries (query text_pattern_ops)',
  'CREATE INDEX search_queries_last_asked ON search_queries (last_asked_on)',
];

const DOCUMENTS = [
  // A return may be counted before its sale, and then less than none is sold.
  `CREATE FUNCTION search_popularity(sold bigint) RETURNS smallint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT floor(log(2, greatest(sold, 0) + 1))::smallint
  $$`,
  `CREATE FUNCTION search_options(terms text[]) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(term ORDER BY term), '{}') FROM unnest(terms) AS term WHERE term LIKE 'color:%' OR term LIKE 'size:%'
  $$`,
  `CREATE FUNCTION search_vector(p products) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT search_part(p.name, 'A')
      || search_part(p.brand || ' ' || coalesce((SELECT string_agg(substr(term, 7), ' ') FROM unnest(p.terms) AS term WHERE term LIKE 'color:%'), ''), 'B')
      || search_part(coalesce((SELECT string_agg(value, ' ') FROM jsonb_each_text(p.attributes)), '') || ' '
        || coalesce((SELECT string_agg(substr(term, 6), ' ') FROM unnest(p.terms) AS term WHERE term LIKE 'size:%'), ''), 'C')
      || search_part(p.description, 'D')
      || ('''c:' || coalesce(p.category_id::text, '') || ''':1B')::tsvector
  $$`,
  // In the order of words: two transactions that bring the same new words wait for each other in one direction only.
  `CREATE FUNCTION search_keep_words(facts text[], prose text[]) RETURNS void ${AS_OWNER}
    -- Word by word by the index: while the table grows its statistics say that it is empty.
    SET enable_seqscan = off AS $$
    BEGIN
      INSERT INTO search_terms AS known (word, lexeme, sound, slips, is_fact)
      SELECT word, search_lexeme(word), search_sound(word), search_slips(word), bool_or(is_fact)
      FROM (SELECT unnest(facts), true UNION ALL SELECT unnest(prose), false) AS given (word, is_fact)
      WHERE NOT EXISTS (
        SELECT 1 FROM search_terms t WHERE t.word = given.word AND t.products > 0 AND (t.is_fact OR NOT given.is_fact))
      GROUP BY word ORDER BY word
      ON CONFLICT (word) DO UPDATE SET is_fact = known.is_fact OR excluded.is_fact, products = greatest(known.products, 1);
    END $$`,
  `CREATE FUNCTION search_keep(listed products[]) RETURNS void ${AS_OWNER} AS $$
    BEGIN
      INSERT INTO search_documents (product_id, words, popularity)
      SELECT p.id, search_vector(p), search_popularity(p.units_sold) FROM unnest(listed) AS p ORDER BY p.id
      ON CONFLICT (product_id) DO UPDATE SET words = excluded.words, popularity = excluded.popularity;
      PERFORM search_keep_words(
        (SELECT array_agg(DISTINCT word) FROM unnest(listed) AS p, unnest(search_words(search_latin(
          concat_ws(' ', p.name, p.brand, regexp_replace(array_to_string(search_options(p.terms), ' '), '(color|size):', ' ', 'g'), (SELECT string_agg(value, ' ') FROM jsonb_each_text(p.attributes)))))) AS word),
        (SELECT array_agg(DISTINCT word) FROM unnest(listed) AS p, unnest(search_words(search_latin(p.description))) AS word));
      INSERT INTO search_brands (name, brand)
      SELECT DISTINCT ON (lower(p.brand)) lower(p.brand), p.brand FROM unnest(listed) AS p
      WHERE NOT EXISTS (SELECT 1 FROM search_brands b WHERE b.name = lower(p.brand)) ORDER BY lower(p.brand)
      ON CONFLICT (name) DO NOTHING;
    END $$`,
  `CREATE FUNCTION search_inserted() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      PERFORM search_keep(array_agg(p ORDER BY p.id)) FROM products p JOIN made ON made.id = p.id WHERE p.listed HAVING count(*) > 0;
      RETURN NULL;
    END $$`,
  `CREATE FUNCTION search_updated() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      IF NOT NEW.listed THEN
        DELETE FROM search_documents WHERE product_id = NEW.id;
      ELSIF NOT OLD.listed OR (OLD.name, OLD.brand, OLD.description, OLD.attributes, OLD.category_id, search_options(OLD.terms))
          IS DISTINCT FROM (NEW.name, NEW.brand, NEW.description, NEW.attributes, NEW.category_id, search_options(NEW.terms)) THEN
        PERFORM search_keep(ARRAY[NEW]);
      ELSE
        UPDATE search_documents SET popularity = search_popularity(NEW.units_sold) WHERE product_id = NEW.id;
      END IF;
      RETURN NULL;
    END $$`,
];

const CATEGORIES = `CREATE FUNCTION search_categories_changed() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      UPDATE search_state SET version = version + 1;
      IF TG_OP = 'DELETE' THEN RETURN NULL; END IF;
      DELETE FROM search_category_words WHERE category_id = NEW.id;
      INSERT INTO search_category_words (category_id, lexeme)
      SELECT DISTINCT NEW.id, search_lexeme(word) FROM unnest(search_words(search_latin(NEW.name))) AS word;
      PERFORM search_keep_words(search_words(search_latin(NEW.name)), '{}');
      RETURN NULL;
    END $$`;

const STATEMENTS = [
  ...WORD_FUNCTIONS,
  'LOCK TABLE products, categories IN SHARE ROW EXCLUSIVE MODE',
  ...TABLES,
  ...DOCUMENTS,
  CATEGORIES,
  `INSERT INTO search_category_words (category_id, lexeme)
    SELECT DISTINCT c.id, search_lexeme(word) FROM categories c, unnest(search_words(search_latin(c.name))) AS word`,
  `SELECT search_keep_words((SELECT array_agg(DISTINCT word) FROM categories c, unnest(search_words(search_latin(c.name))) AS word), '{}')`,
  `CREATE TRIGGER products_search_inserted AFTER INSERT ON products
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION search_inserted()`,
  `CREATE TRIGGER products_search_updated
    AFTER UPDATE OF name, brand, description, attributes, category_id, terms, listed, units_sold ON products FOR EACH ROW
    WHEN ((OLD.name, OLD.brand, OLD.description, OLD.attributes, OLD.category_id, OLD.terms, OLD.listed, search_popularity(OLD.units_sold))
      IS DISTINCT FROM (NEW.name, NEW.brand, NEW.description, NEW.attributes, NEW.category_id, NEW.terms, NEW.listed, search_popularity(NEW.units_sold)))
    EXECUTE FUNCTION search_updated()`,
  'CREATE TRIGGER categories_search AFTER INSERT OR UPDATE OR DELETE ON categories FOR EACH ROW EXECUTE FUNCTION search_categories_changed()',
  // Ids that are in order and the same wherever this runs.
  `INSERT INTO search_synonyms (id, words, finds) VALUES ${defaultSynonyms
    .map(({ words, finds }, index) => {
      const list = (texts: readonly string[]): string => `ARRAY[${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ')}]`;
      const id = `01990000-0000-7000-8000-${String(index + 1).padStart(12, '0')}`;
      return `('${id}', ${list(words)}, ${finds === undefined ? 'NULL' : list(finds)})`;
    })
    .join(', ')}`,
];
