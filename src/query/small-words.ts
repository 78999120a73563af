// A word belongs on the list of every language that has it: those that share it gain nothing on each other then.
// Left out is what questions about software say in English (ai, ci, num, plus, serve), and names in code (c, j, v).

/** The small words of the languages that can be told by them. */
export const SMALL_WORDS = {
  en:
    'the a an is are was were be been am how what which where when why who do does did can could would should will ' +
    'must might i me my we our us you your they them their it its there this that these those with without for from ' +
    'of on over in into to at by per about and or but if not no so as also than because have had whether',
  de:
    'der die das den dem des ist sind war wird werden wurde hat haben habe sein wie was welche welcher welches ' +
    'welchen welchem wo wann warum wieso wer wen kann können könnte muss müssen soll sollte darf will gibt geht ich ' +
    'mich mir mein meine meinen meiner du er sie es wir ihr uns man mit für von vom und oder aber nicht kein keine ' +
    'ein eine einen einem einer eines im in an am auf aus bei beim zu zum zur über unter nach vor durch ohne um als ' +
    'auch also so wenn ob dass sich nur noch da',
  fr:
    'le la les l un une des du de et ou où est sont a ont peut peux dois doit faut faire fait quel quelle quels ' +
    'quelles comment quand pourquoi qui que qu quoi combien je on nous vous il elle ils me moi mon ma mes son sa ses ' +
    'notre nos votre vos avec sans pour par dans sur sous en au aux à y ne pas ce cet cette ces si se mais comme',
  es:
    '¿ ¡ el la lo los las un una es son está están hay ha han como cómo que qué cual cuál cuáles quien quién cuando ' +
    'cuándo donde dónde por porque puedo puede pueden debo debe tengo tiene hacer mi mis su sus me se te le nos yo ' +
    'con sin para del de al a en y o da pero si sí no más muy este esta esto ese esa eso cada entre sobre desde hasta',
  it:
    'il lo la gli le l i un uno una di del dello della dei degli delle dell al alla agli alle dal dalla nel nella ' +
    'nei nelle sul sulla con per tra fra da in a su è sono ha hanno ho come che chi cosa quale quali quando dove ' +
    'perché quanto quanti posso può possono devo deve si fa fare se non no ne mi ti me mio mia miei suo sua questo ' +
    'questa questi queste e ed o ma più anche senza',
  pt:
    'o os a as um uma é são está estão há tem tenho foi como que qual quais quando onde porque quem quanto posso ' +
    'pode podem devo deve preciso fazer faço meu minha meus minhas seu sua seus suas eu me se nos com sem para por ' +
    'pelo pela do da das de no na nas em ao aos à às e ou mas mais não isso isto esse essa este esta já também entre ' +
    'sobre até',
  nl:
    'de het een is zijn was waren wordt worden heeft hebben heb had hoe hoeveel wat welke welk waar wanneer waarom ' +
    'wie kan kun kunnen moet moeten mag zou ik mij me mijn je jij jouw u uw we wij ze zij hij er men met voor van ' +
    'vanaf tot en of maar niet geen dit dat deze die daar hier op in aan bij uit om over onder door per naar te als ' +
    'dan ook nog zonder',
} as const;

/** Of other languages: they keep their questions from being taken for one of the above, English above all. */
export const OTHER_SMALL_WORDS = {
  cs: 'a i o z do to na není jak je jsou co kde kdy proč který můžu mohu se si od po ale nebo můj by my on za při',
  da: 'i en et og at hvordan er hva hvad hvor når hvorfor kan jeg min mit med for fra af på om ikke som det den til man',
  fi: 'on ja en ei että miten mitä missä milloin miksi kuka voi voinko voiko minun se ne me tai jos kun',
  hu: 'a az egy és is hogy hogyan mi mit miért hol mikor ki van nem lehet kell be meg ha vagy csak én',
  pl:
    'a i o w z do to na nie jak czy się sie jest są co gdzie kiedy dlaczego który mogę można dla od po przez ale by ' +
    'my on za',
  ro: 'a o un de la în in cu pe nu este sunt ce cum care unde când de pot și sau din pentru să',
  sv:
    'i en ett och att hur är vad var när varför vem kan jag min mitt med för från av på om inte som det den till man ' +
    'så',
  tr: 'bu ne nasıl bir için mi mı ile da de var yok nerede neden kim',
} as const;
