import { wordTable } from './word-table.ts';

/** Carry no meaning of their own here. Words of direction, negation, comparison, number and time are not among them. */
export const FUNCTION_WORDS: ReadonlySet<string> = wordsOf(`
  a an the this that these those it its itself such ones
  i me my mine myself we us our ours ourselves you your yours yourself
  am is are be been being was were do does did doing done has have had having
  will would shall can could may might able
  of for in on at to into onto as about regarding concerning inside within and or vs versus so then also
  any please simply actually really exactly properly correctly own
  what which who whom whose when where why how whether
  given actual existing entire whole current currently easily
  hi hello hey thanks thank ok sorry
`);

/** Any of them makes a text English: no other language written in Latin letters has the word. */
export const ENGLISH_ONLY: ReadonlySet<string> = wordsOf(`
  the what which how where when why who whom whose does can could should would your you with this that there please
  explain
`);

/** Two of them do, unless a word of another language is with them: Dutch has `is` and `of`, Polish `i`, `do` and `my`. */
export const ENGLISH_AMONG_OTHERS: ReadonlySet<string> = wordsOf(
  'is are was do did i my of and has have to for on need',
);

export const FOREIGN: ReadonlySet<string> = wordsOf(`
  der die das ein eine und ist sind wie ich nicht mein le la les des est une pour dans que qui comment je el los las
  una para con como se il lo gli che per di de het een van hoe mijn uma na w z jak czy nie hur och att jag og hvordan det
`);

/** Say who is spoken of: mine are not yours. */
export const FIRST_PERSON: ReadonlySet<string> = wordsOf('i me my mine myself we us our ours ourselves');
export const SECOND_PERSON: ReadonlySet<string> = wordsOf('you your yours yourself');

/** What they stand before is changed by them, so that it must be the same in both questions. */
export const ROLE_MARKERS: ReadonlySet<string> = wordsOf(`
  to from than before after by with without not no never none neither nor only except instead unless until since against
  over under above below between per like
`);

export const NEGATIONS: ReadonlySet<string> = wordsOf('not no never none neither nor non');

/** Before a participle: done to somebody, not by somebody. */
export const PASSIVE_AUXILIARIES: ReadonlySet<string> = wordsOf(
  'am is are be been being was were get gets got getting',
);

/** What stands alone behind them is spoken of, also when it looks like punctuation: `the difference between - and :`. */
export const NEED_AN_OBJECT: ReadonlySet<string> = wordsOf(`
  a an the of for in on to and or vs versus is are was between with without by than like does use using operator
  operators symbol symbols sign wildcard character called
`);

/** Join equals: `A and B` is `B and A`, but not `A or B`. */
export const CONJUNCTIONS = wordTable({ and: 'and', vs: 'and', versus: 'and', or: 'or' });

/** Say how what follows belongs to what stands before; people differ about the place, not about the kind. */
export const BELONGINGS = wordTable({
  of: 'of',
  for: 'for',
  as: 'as',
  about: 'about',
  regarding: 'about',
  concerning: 'about',
  in: 'in',
  on: 'in',
  at: 'in',
  inside: 'in',
  within: 'in',
  into: 'in',
  onto: 'in',
});

/** `X of Y` is `Y X`. */
export const ATTRIBUTIONS: ReadonlySet<string> = wordsOf('of for');

export const NUMBER_WORDS = wordTable({
  zero: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  eleven: '11',
  twelve: '12',
  fifteen: '15',
  twenty: '20',
  thirty: '30',
  forty: '40',
  fifty: '50',
  sixty: '60',
  ninety: '90',
  hundred: '100',
  thousand: '1000',
  million: '1000000',
  first: '1st',
  third: '3rd',
  fourth: '4th',
  fifth: '5th',
  sixth: '6th',
  seventh: '7th',
  eighth: '8th',
  ninth: '9th',
  tenth: '10th',
});

/** Pasts and participles that no rule leads back to the base. */
export const IRREGULAR_VERBS = wordTable(
  pairsOf(`
    ate-eat eaten-eat began-begin begun-begin bought-buy broke-break broken-break brought-bring built-build
    caught-catch chose-choose chosen-choose came-come dealt-deal drawn-draw drew-draw driven-drive drove-drive
    fallen-fall fell-fall felt-feel flew-fly flown-fly forgot-forget forgotten-forget found-find gave-give given-give
    gone-go went-go grew-grow grown-grow heard-hear held-hold hid-hide hidden-hide kept-keep knew-know known-know
    learnt-learn lent-lend lost-lose made-make meant-mean met-meet paid-pay ran-run rose-rise risen-rise said-say
    saw-see seen-see sent-send sold-sell shown-show slept-sleep spent-spend spoke-speak spoken-speak stood-stand
    stuck-stick stolen-steal taken-take took-take taught-teach thought-think threw-throw thrown-throw told-tell
    understood-understand won-win wore-wear worn-wear wrote-write written-write
    set-set put-put cut-cut read-read reset-reset split-split hit-hit cast-cast overwritten-overwrite
`),
);

export const IRREGULAR_PLURALS = wordTable(
  pairsOf(`
    children-child criteria-criterion data-datum indices-index matrices-matrix men-man women-woman people-person
    phenomena-phenomenon vortices-vortex wives-wife lives-life knives-knife shelves-shelf halves-half
`),
);

/** Look inflected and are words of their own. */
export const UNINFLECTED: ReadonlySet<string> = wordsOf(`
  building meeting setting settings heading saving savings housing clothing string thing king ring spring bring during
  morning evening wing ceiling wedding bearing nothing anything something everything sibling sterling
  bed red need speed feed seed embed hundred exceed proceed succeed indeed shed
  news series species aws dns tls cors gps ios sms rss https kubernetes windows always perhaps sometimes
  goods customs glasses contents means
  production direction vacation apartment department basement statement hardly lately nearly likely costly friendly
  early only family reply apply supply
`);

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

function pairsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trim()
      .split(/\s+/)
      .map((pair) => {
        const [form = '', base = ''] = pair.split('-');
        return [form, base] as const;
      }),
  );
}
