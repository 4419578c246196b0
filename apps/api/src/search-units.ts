/** Cohere counts one search unit for a query with up to 100 documents. */
export const searchUnits = (documents: number): number => Math.ceil(documents / 100);
