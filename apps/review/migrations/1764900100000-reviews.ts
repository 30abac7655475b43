import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Half of the width of the confidence interval of 95 %, in standard deviations. */
const Z = 1.96;
const Z2 = Z * Z;

/** The lower bound of the share of helpful votes (Wilson, 1927): one of one does not stand before 95 of 100. Exactly 0 without a helpful vote, for ties. */
const WILSON = `
  CASE WHEN helpful_votes = 0 THEN 0::float8 ELSE (
    helpful_votes::float8 / (helpful_votes + unhelpful_votes) + ${Z2 / 2} / (helpful_votes + unhelpful_votes)
    - ${Z} * sqrt((helpful_votes::float8 * unhelpful_votes / (helpful_votes + unhelpful_votes) + ${Z2 / 4}) / (helpful_votes + unhelpful_votes) ^ 2)
  ) / (1 + ${Z2} / (helpful_votes + unhelpful_votes)) END`;

/** What the filters of a product's list read, so that they are answered in the index. */
const FILTERED = 'verified, has_images';

export class Reviews1764900100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reviews (
        id uuid PRIMARY KEY,
        product_id uuid NOT NULL,
        -- Null once the account is erased.
        user_id uuid,
        author text NOT NULL,
        rating smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
        title text,
        body text,
        fit text CHECK (fit IN ('small', 'true', 'large')),
        images jsonb NOT NULL DEFAULT '[]',
        has_images boolean GENERATED ALWAYS AS (images <> '[]'::jsonb) STORED,
        verified boolean NOT NULL DEFAULT false,
        size text,
        status text NOT NULL CHECK (status IN ('pending', 'approved', 'hidden')),
        holds text[] NOT NULL DEFAULT '{}',
        helpful_votes integer NOT NULL DEFAULT 0 CHECK (helpful_votes >= 0),
        unhelpful_votes integer NOT NULL DEFAULT 0 CHECK (unhelpful_votes >= 0),
        helpfulness float8 GENERATED ALWAYS AS (${WILSON}) STORED,
        -- Somebody has voted, be it taken back since: the stars stay.
        was_voted_on boolean NOT NULL DEFAULT false,
        open_reports integer NOT NULL DEFAULT 0 CHECK (open_reports >= 0),
        reply text,
        replied_at timestamptz,
        files_version integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        edited_at timestamptz
      )`);
    await runner.query('CREATE UNIQUE INDEX one_review_each ON reviews (user_id, product_id)');
    await runner.query('CREATE INDEX reviews_of_user ON reviews (user_id, id)');
    for (const [name, columns, included] of [
      ['helpful', 'helpfulness DESC, id DESC', 'rating'],
      ['newest', 'id DESC', 'rating'],
      ['rating_high', 'rating DESC, id DESC', 'helpfulness'],
      ['rating_low', '(-rating) DESC, id DESC', 'rating, helpfulness'],
    ] as const)
      await runner.query(
        `CREATE INDEX reviews_${name} ON reviews (product_id, ${columns}) INCLUDE (${included}, ${FILTERED}) WHERE status = 'approved'`,
      );
    await runner.query('CREATE INDEX reviews_by_status ON reviews (status, id)');
    await runner.query('CREATE INDEX reviews_of_product ON reviews (product_id, id)');
    await runner.query('CREATE INDEX reviews_reported ON reviews (id) WHERE open_reports > 0');
    // Index-only walks need the visibility map, which only a vacuum writes; by default a fifth of the rows would have to change first.
    await runner.query('ALTER TABLE reviews SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05)');
    await runner.query(`
      CREATE TABLE versions (
        review_id uuid NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
        written_at timestamptz NOT NULL,
        rating smallint NOT NULL,
        title text,
        body text,
        fit text,
        images jsonb NOT NULL,
        PRIMARY KEY (review_id, written_at)
      )`);
    await runner.query(`
      CREATE TABLE votes (
        review_id uuid NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
        user_id uuid NOT NULL,
        helpful boolean NOT NULL,
        PRIMARY KEY (review_id, user_id)
      )`);
    await runner.query('CREATE INDEX votes_of_user ON votes (user_id)');
    await runner.query(`
      CREATE TABLE reports (
        review_id uuid NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
        user_id uuid NOT NULL,
        reason text NOT NULL,
        note text,
        is_open boolean NOT NULL DEFAULT true,
        reported_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (review_id, user_id)
      )`);
    await runner.query('CREATE INDEX reports_of_user ON reports (user_id)');
    await runner.query(`
      CREATE TABLE moderations (
        id uuid PRIMARY KEY,
        review_id uuid NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
        status text NOT NULL,
        note text,
        moderated_by uuid NOT NULL,
        moderated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX moderations_of_review ON moderations (review_id, id)');
    // What somebody did in the hour that began with the first of it. Its row is also the lock under which their posts and deliveries take turns.
    await runner.query(`
      CREATE TABLE authors (
        user_id uuid PRIMARY KEY,
        is_erased boolean NOT NULL DEFAULT false,
        posts integer NOT NULL DEFAULT 0,
        posts_since timestamptz NOT NULL DEFAULT '-infinity',
        votes integer NOT NULL DEFAULT 0,
        votes_since timestamptz NOT NULL DEFAULT '-infinity',
        reports integer NOT NULL DEFAULT 0,
        reports_since timestamptz NOT NULL DEFAULT '-infinity',
        active_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX authors_idle ON authors (active_at)');
    // Reviews that were posted without a purchase, and reviews that staff hid and has not approved since; deleted ones too.
    await runner.query(`
      CREATE TABLE unverified_posts (
        review_id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        posted_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX unverified_posts_of_user ON unverified_posts (user_id, posted_at)');
    await runner.query('CREATE INDEX unverified_posts_age ON unverified_posts (posted_at)');
    await runner.query(`
      CREATE TABLE hidden_marks (
        review_id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        hidden_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX hidden_marks_of_user ON hidden_marks (user_id, hidden_at)');
    await runner.query('CREATE INDEX hidden_marks_age ON hidden_marks (hidden_at)');
    // Of a person's deliveries of a product the latest.
    await runner.query(`
      CREATE TABLE purchases (
        user_id uuid NOT NULL,
        product_id uuid NOT NULL,
        size text NOT NULL,
        delivered_at timestamptz NOT NULL,
        PRIMARY KEY (user_id, product_id)
      )`);
    await runner.query(`
      CREATE TABLE requests (
        order_id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        due_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX requests_due ON requests (due_at)');
    await runner.query('CREATE INDEX requests_of_user ON requests (user_id)');
    for (const statement of KEPT_SUMS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE requests, purchases, hidden_marks, unverified_posts, authors, moderations, reports, votes, versions, reviews',
    );
    await runner.query('DROP TABLE summaries, size_fits, status_counts');
    await runner.query('DROP FUNCTION keep_summary(), keep_counts(), keep_votes(), keep_reports()');
  }
}

const BEFORE_AND_AFTER = `
  SELECT OLD.*, -1 AS by WHERE TG_OP <> 'INSERT'
  UNION ALL SELECT NEW.*, 1 WHERE TG_OP <> 'DELETE'`;
const sumWhere = (condition: string): string => `coalesce(sum(by) FILTER (WHERE ${condition}), 0)`;
const STARS = [1, 2, 3, 4, 5].map((stars) => ({ column: `stars_${stars}`, condition: `rating = ${stars}` }));
const FITS = ['small', 'true', 'large'].map((fit) => ({ column: `fit_${fit}`, condition: `fit = '${fit}'` }));
const SUMS = [...STARS, ...FITS];
const columnsOf = (sums: typeof SUMS): string => sums.map(({ column }) => column).join(', ');
const valuesOf = (sums: typeof SUMS): string => sums.map(({ condition }) => sumWhere(condition)).join(', ');
const addedOf = (sums: typeof SUMS): string => sums.map(({ column }) => `${column} = kept.${column} + excluded.${column}`).join(', ');
const someOf = (sums: typeof SUMS): string => sums.map(({ condition }) => `${sumWhere(condition)} <> 0`).join(' OR ');

/** The sums are kept by the statement that changes a review, whichever it is; so they equal a recount at any time. */
const KEPT_SUMS = [
  `CREATE TABLE summaries (
    product_id uuid PRIMARY KEY,
    ${SUMS.map(({ column }) => `${column} integer NOT NULL`).join(', ')},
    version bigint NOT NULL DEFAULT 1
  ) WITH (fillfactor = 50)`,
  `CREATE TABLE size_fits (
    product_id uuid NOT NULL,
    size text NOT NULL,
    ${FITS.map(({ column }) => `${column} integer NOT NULL`).join(', ')},
    PRIMARY KEY (product_id, size)
  ) WITH (fillfactor = 50)`,
  `CREATE FUNCTION keep_summary() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      WITH changes AS (SELECT * FROM (${BEFORE_AND_AFTER}) AS changed WHERE status = 'approved')
      INSERT INTO summaries AS kept (product_id, ${columnsOf(SUMS)})
      SELECT product_id, ${valuesOf(SUMS)} FROM changes GROUP BY product_id HAVING ${someOf(SUMS)}
      ON CONFLICT (product_id) DO UPDATE SET version = kept.version + 1, ${addedOf(SUMS)};
      WITH changes AS (
        SELECT * FROM (${BEFORE_AND_AFTER}) AS changed
        WHERE status = 'approved' AND verified AND size IS NOT NULL AND fit IS NOT NULL)
      INSERT INTO size_fits AS kept (product_id, size, ${columnsOf(FITS)})
      SELECT product_id, size, ${valuesOf(FITS)} FROM changes GROUP BY product_id, size HAVING ${someOf(FITS)} ORDER BY product_id, size
      ON CONFLICT (product_id, size) DO UPDATE SET ${addedOf(FITS)};
      RETURN NULL;
    END $$`,
  'CREATE TRIGGER reviews_made AFTER INSERT OR DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION keep_summary()',
  `CREATE TRIGGER reviews_changed AFTER UPDATE OF product_id, status, rating, fit, verified, size ON reviews FOR EACH ROW
    WHEN ((OLD.product_id, OLD.status, OLD.rating, OLD.fit, OLD.verified, OLD.size) IS DISTINCT FROM
      (NEW.product_id, NEW.status, NEW.rating, NEW.fit, NEW.verified, NEW.size))
    EXECUTE FUNCTION keep_summary()`,
  // How many reviews of the whole shop are in a status; in parts, so that posts do not wait for each other.
  `CREATE TABLE status_counts (
    status text NOT NULL,
    part smallint NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (status, part)
  ) WITH (fillfactor = 50)`,
  `CREATE FUNCTION keep_counts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      WITH changed AS (${BEFORE_AND_AFTER}), changes AS (
        SELECT id, status, by FROM changed UNION ALL SELECT id, 'reported', by FROM changed WHERE open_reports > 0)
      INSERT INTO status_counts AS kept (status, part, count)
      SELECT status, get_byte(uuid_send(id), 15) % 16, sum(by) FROM changes GROUP BY status, id HAVING sum(by) <> 0 ORDER BY status
      ON CONFLICT (status, part) DO UPDATE SET count = kept.count + excluded.count;
      RETURN NULL;
    END $$`,
  'CREATE TRIGGER reviews_counted AFTER INSERT OR DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION keep_counts()',
  `CREATE TRIGGER reviews_recounted AFTER UPDATE OF status, open_reports ON reviews FOR EACH ROW
    WHEN ((OLD.status, OLD.open_reports > 0) IS DISTINCT FROM (NEW.status, NEW.open_reports > 0)) EXECUTE FUNCTION keep_counts()`,
  `CREATE FUNCTION keep_votes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE reviews SET was_voted_on = true,
        helpful_votes = helpful_votes + CASE WHEN TG_OP <> 'DELETE' AND NEW.helpful THEN 1 ELSE 0 END
          - CASE WHEN TG_OP <> 'INSERT' AND OLD.helpful THEN 1 ELSE 0 END,
        unhelpful_votes = unhelpful_votes + CASE WHEN TG_OP <> 'DELETE' AND NOT NEW.helpful THEN 1 ELSE 0 END
          - CASE WHEN TG_OP <> 'INSERT' AND NOT OLD.helpful THEN 1 ELSE 0 END
      WHERE id = coalesce(NEW.review_id, OLD.review_id);
      RETURN NULL;
    END $$`,
  'CREATE TRIGGER votes_counted AFTER INSERT OR UPDATE OF helpful OR DELETE ON votes FOR EACH ROW EXECUTE FUNCTION keep_votes()',
  `CREATE FUNCTION keep_reports() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE reviews SET open_reports = open_reports + CASE WHEN TG_OP <> 'DELETE' AND NEW.is_open THEN 1 ELSE 0 END
        - CASE WHEN TG_OP <> 'INSERT' AND OLD.is_open THEN 1 ELSE 0 END
      WHERE id = coalesce(NEW.review_id, OLD.review_id);
      RETURN NULL;
    END $$`,
  'CREATE TRIGGER reports_counted AFTER INSERT OR UPDATE OF is_open OR DELETE ON reports FOR EACH ROW EXECUTE FUNCTION keep_reports()',
];
