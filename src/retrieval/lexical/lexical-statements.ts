// Above this share of a namespace's passages a word tells them no better apart than a full stop: BM25's own weight of
// it reaches zero at a half.
const COMMON_SHARE = 0.5;

// A passage is a candidate when it has one of the question's rarest words; how many of them, the sum of their shares
// says. The other words then only add to a candidate's score, which reads a fraction of the index. Measured: no loss.
const CANDIDATE_SHARE = 0.3;

// Shares are estimated from a namespace's first passages: exact for a small one, a millisecond for a large one.
const SAMPLE_PASSAGES = 1_000;
// Of a smaller namespace every passage with any of the words is a candidate: nothing is to be gained.
const SMALL_NAMESPACE = 200;

// A run of one or two characters is looked for in the texts themselves, in no more than so many.
const SCANNED_PASSAGES = 5_000;

const COLUMNS = `
  p.chunk_id, p.namespace, p.document_id, p.version, p.n, p.title, p.url, p.headings, p.text, p.start_at, p.end_at,
  p.lead, p.metadata, best.score`;

// In each statement ?2 is the namespace, ?3 the limit, ?4 what the condition on the passage `p` needs.
const BEST = 'best AS (SELECT id, score FROM candidates ORDER BY score DESC, id LIMIT ?3)';
const SELECT_BEST = `SELECT ${COLUMNS} FROM best JOIN passages AS p ON p.rowid = best.id ORDER BY best.score DESC`;

/**
 * Best BM25 over words. ?1 is a JSON array of quoted words, repeated as they count; ?5 the expression that every passage
 * of the namespace matches. bm25() is negative, smaller is better; its weights are those of the columns: scope, title,
 * headings, text.
 */
export function wordsStatement(condition: string): string {
  return `
  WITH
    sample AS MATERIALIZED (
      SELECT coalesce(max(id), 0) AS last, max(count(*), 1) AS size
      FROM (SELECT rowid AS id FROM passages_words WHERE passages_words MATCH ?5 LIMIT ${SAMPLE_PASSAGES})
    ),
    shares AS MATERIALIZED (
      SELECT value AS word, iif((SELECT size FROM sample) < ${SMALL_NAMESPACE}, 0.0, (
        SELECT count(*) FROM passages_words
        WHERE passages_words MATCH ?5 || ' AND ' || value AND rowid <= (SELECT last FROM sample)
      ) * 1.0 / (SELECT size FROM sample)) AS share
      FROM json_each(?1) GROUP BY value
    ),
    -- In the first place the rarest that is sure to be somewhere.
    ranked AS (
      SELECT word, share, sum(share) OVER (ORDER BY share, word) AS total,
             row_number() OVER (ORDER BY share = 0, share, word) AS place
      FROM shares
    ),
    chosen AS (
      SELECT asked.value AS word, ranked.total <= ${CANDIDATE_SHARE} OR ranked.place = 1 AS is_rare
      FROM json_each(?1) AS asked JOIN ranked ON ranked.word = asked.value
      WHERE ranked.share <= ${COMMON_SHARE} OR ranked.place = 1
    ),
    expression AS (
      SELECT ?5
        || ' AND (' || group_concat(word, ' OR ') FILTER (WHERE is_rare) || ')'
        || ' AND (' || coalesce(group_concat(word, ' OR ') FILTER (WHERE NOT is_rare) || ' OR ', '') || ?5 || ')' AS text
      FROM chosen
    ),
    candidates AS (
      SELECT p.rowid AS id, -bm25(passages_words, 0.0, 3.0, 1.0, 1.0) AS score
      FROM passages_words JOIN passages AS p ON p.rowid = passages_words.rowid
      WHERE passages_words MATCH (SELECT text FROM expression) AND p.namespace = ?2 AND ${condition}
    ),
    ${BEST}
  ${SELECT_BEST}`;
}

/** Best BM25 over trigrams. ?1 is an expression of quoted substrings; the weights are those of title and text. */
export function substringsStatement(condition: string): string {
  return `
  WITH
    candidates AS (
      SELECT p.rowid AS id, -bm25(passages_trigrams, 3.0, 1.0) AS score
      FROM passages_trigrams JOIN passages AS p ON p.rowid = passages_trigrams.rowid
      WHERE passages_trigrams MATCH ?1 AND p.namespace = ?2 AND ${condition}
    ),
    ${BEST}
  ${SELECT_BEST}`;
}

/** How many of the fragments, ?1 as a JSON array, a passage holds; one in the title counts for three. */
export function fragmentsStatement(condition: string): string {
  return `
  WITH
    scanned AS (
      SELECT p.rowid AS id, p.title, p.text FROM passages AS p
      WHERE p.namespace = ?2 AND ${condition} LIMIT ${SCANNED_PASSAGES}
    ),
    counted AS (
      SELECT id, (
        SELECT sum((instr(coalesce(title, ''), value) > 0) * 3 + (instr(text, value) > 0)) FROM json_each(?1)
      ) AS score
      FROM scanned
    ),
    candidates AS (SELECT id, score FROM counted WHERE score > 0),
    ${BEST}
  ${SELECT_BEST}`;
}
