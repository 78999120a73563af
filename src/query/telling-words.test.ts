import { describe, expect, it } from 'vitest';
import { askedWords } from './telling-words.ts';

const namesIn = (text: string) => [...askedWords(text).names.keys()];

describe('the telling words of a question', () => {
  it.each([
    ['Can the limit be raised with SAML?', ['saml']],
    ['Does it run on Fly.io?', ['fly', 'io']],
    ['Is webAuthn there?', ['webauthn']],
    ['How do I run it under PM2?', ['pm2']],
    ['How do I connect Prisma?', ['prisma']],
    ['Does gRPC work?', ['grpc']],
    ['Uploads above 128 MiB or 5.5MB, i.e. large ones, give 413', []],
    ['Bun: how is it started? The server runs. Nothing more.', []],
  ])('are names apart from the rest: %s', (question, names) => {
    expect(namesIn(question)).toEqual(names);
  });

  it('are no names where every word has a capital, nor in German', () => {
    expect(namesIn('How Do I Serve Static Files In A Folder?')).toEqual([]);
    expect(namesIn('Wie ist die Grenze für eine Anfrage?')).toEqual([]);
  });

  it('are no names where they are only written louder, or joined by a slash', () => {
    expect(namesIn('HOW CAN I ENABLE COMPRESSION?')).toEqual([]);
    expect(namesIn('What is the BEST way to handle errors?')).toEqual([]);
    expect(namesIn('Is the setting yes/no, or read/write?')).toEqual([]);
  });

  it('are those of what is asked, not of what is told around it', () => {
    const asked = askedWords('How do I limit the size of a request body?');
    const told =
      "Hi, I'm Peter from Acme in Berlin. My boss is waiting. How do I limit the size of a request body? Thanks a lot.";
    expect(askedWords(told)).toEqual(asked);
    expect(asked).toEqual({ names: new Map(), others: [], count: 4 });
  });

  it('are those of the whole where the question alone says nothing', () => {
    const { others } = askedWords('The preflight fails for one header. What do I have to do?');
    expect(others).toContain('preflight');
    expect(askedWords('Requests by subdomain, e.g. different handlers for cookies and headers?').others).toContain(
      'subdomain',
    );
  });

  it('are no everyday words, which count all the same', () => {
    const asked = askedWords('How does the customer paginate a list in the browser?');
    expect(asked.others).toEqual(['paginat']);
    expect(asked.count).toBe(4);
  });

  it("are no remains of I've and they're", () => {
    const asked = askedWords("So I've got a monorepo, and they're stuck. Which of We'll's rules holds?");
    expect([...asked.names.keys(), ...asked.others]).not.toContain('ve');
    expect(askedWords('Is it what I’ve deployed in Prisma?').names).toEqual(new Map([['prisma', ['prisma']]]));
  });

  it('leave out common words in every form', () => {
    expect(askedWords('Tell me: who tells, told, goes, uses, using, used, missing, changing?').others).toEqual([]);
  });
});
