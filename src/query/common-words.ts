// English words of which any question may be made: that no passage has one of them says nothing.
const COMMON = `able about above across actually add after again against ago all allow almost alone along already also although always
among another any anybody anyone anything anyway around ask available away back bad become before begin behind below best better between
beyond big both bring call cannot care case cause certain change check choose clear close come common complete consider correct create
current deal decide default define depend detail different directly do don doesn didn isn aren wasn weren won shouldn couldn wouldn hasn
haven don down during each early easily easy either else end enough ensure even ever every everybody everyone everything exact exactly
exist expect explain extra fact far fast few find fine first follow full further general generally get give go good got great guide half
handle happen hard hence help here high hold however idea instead inside itself just keep kind know large last late later least leave
left less let like likely little long look lot low made main make manage many matter may maybe mean might mind more most move much must
myself near necessary need neither never new next nobody none nor normal normally nothing now number off offer often old once one only
onto open option or order other otherwise out outside over own part particular pass perhaps place please point possible possibly prefer
present problem proper properly provide put question quick quite rather reach real really reason recommend recommended regard remain
replace require rest result return right run safe same say second see seem separate set several shorter show side similar simple simply
since single small so some somebody someone something sometimes somewhere soon special specific specify start step still stop such suit
support sure take tell ten than thing think third though three through time together too top total toward true try turn two type under
until up upon use used useful user usual usually value various very want way well went whatever whenever whether while whole whose within
without wonder word work worth would write written wrong yes yet zero`;

export const COMMON_WORDS: readonly string[] = COMMON.split(/\s+/);
