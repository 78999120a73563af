import { describe, expect, it } from 'vitest';
import { baseForms, changesVoice, isPastParticiple } from './inflection.ts';

function isSameWord(a: string, b: string): boolean {
  return baseForms(a).some((form) => baseForms(b).includes(form));
}

describe('inflection', () => {
  it.each([
    'deploy deployed deploying deploys deployment',
    'cancel cancelled cancelling cancellation',
    'configure configured configuring configuration',
    'plan planned planning plans',
    'query queries queried querying',
    'match matches matched',
    'write wrote written writing',
    'safe safely',
    'automatic automatically',
    'temporary temporarily',
    'child children',
  ])('knows the forms of %s', (forms) => {
    const [base = '', ...others] = forms.split(' ');
    expect(others.filter((form) => !isSameWord(base, form))).toEqual([]);
  });

  it.each([
    'plan plane',
    'employer employee',
    'station state',
    'production product',
    'building build',
    'speed spee',
    'status statu',
    'new news',
    'hard hardly',
    'read red',
  ])('keeps apart %s', (words) => {
    const [a = '', b = ''] = words.split(' ');
    expect(isSameWord(a, b)).toBe(false);
  });

  it('knows participles', () => {
    expect(['charged', 'paid', 'written', 'applied'].every(isPastParticiple)).toBe(true);
    expect(['charge', 'need', 'speed', 'red', 'charging'].some(isPastParticiple)).toBe(false);
    expect(changesVoice('configure', 'configured')).toBe(true);
    expect(changesVoice('user', 'users')).toBe(false);
  });
});
