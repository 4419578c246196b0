/** A seeded source of numbers in [0, 1): the same seed gives the same numbers on every machine (sfc32 by Chris Doty-Humphrey). Not for secrets. */
export function random(seed: number): () => number {
  let a = seed | 0;
  let b = (seed / 2 ** 32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 20; i += 1) next(); // seeds that differ in one bit drift apart
  return next;
}
