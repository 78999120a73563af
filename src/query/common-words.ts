// English words of which any question may be made: that no passage has one of them says nothing.
const COMMON = `able about above across actually add after again against ago all allow almost alone along already also
although always am among another any anybody anyone anything anyway aren around ask available away back bad became
because become before begin behind below best better between beyond big both bring call cannot care case cause certain
change check choose chose clear close come common complete consider correct couldn create current deal dear decide
default define depend detail didn different directly do doesn don done down during each early easily easy either else
end enough ensure even ever every everybody everyone everything exact exactly exist expect explain extra fact far fast
few find fine first follow full further gave general generally get give go gone good got great guide half handle
happen hard hasn haven hello help hence here hey hi high hold however idea inside instead isn itself just keep kind
knew know large last late later least leave left less let like likely little long look lot low made main make manage
many matter may maybe mean might mind miss more most move much must myself near necessary need neither never new next
nobody none nor normal normally nothing now number off offer often old once one only onto open option or order other
otherwise out outside over own part particular pass perhaps place please point possible possibly prefer present
problem proper properly provide put question quick quite rather reach real really reason recommend recommended regard
remain replace require rest result return right run safe said same say second see seem seen separate set several
shorter shouldn show side similar simple simply since single small so some somebody someone something sometimes
somewhere soon sorry special specific specify start step still stop such suit support sure take taken tell ten than
thank thanks thing think third though three through time together told too top total toward true try turn two type
under until up upon us use used useful user usual usually value various very want wasn way well went weren whatever
whenever wherever whether while whoever whole whose within without won wonder word work worth would wouldn write
written wrong wrote yes yet zero`;

export const COMMON_WORDS: readonly string[] = COMMON.split(/\s+/);
