import { EMBEDDING_TOKEN, type Price } from './prices.ts';

// A tenth of the cheapest unit (one D1 row is 1e-9 dollars): rounding once, at the end, never loses a row.
const DECIMALS = 10;

export function cost(price: Price, units: number): number {
  return (price.usd * units) / price.per;
}

export function round(usd: number): number {
  return Number(usd.toFixed(DECIMALS));
}

// What is not listed must not look free: a budget would never stop it. Too much is noticed, too little is not.
export function dearest(prices: Price[]): Price {
  return prices.reduce((most, price) => (cost(price, 1) > cost(most, 1) ? price : most));
}

/** Per input token; a model that is not listed costs what the dearest does. */
export function embeddingPrice(model: string): { price: Price; isListed: boolean } {
  const listed = EMBEDDING_TOKEN[model];
  return { price: listed ?? dearest(Object.values(EMBEDDING_TOKEN)), isListed: listed !== undefined };
}
