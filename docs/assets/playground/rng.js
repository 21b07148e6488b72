// NumPy's default generator, to the last bit: what Python draws from a seed, the page draws too.
//
// Sources: O'Neill (2014), PCG: a family of simple fast space-efficient statistically good
// algorithms for random number generation (PCG-64, XSL-RR); O'Neill (2015), Developing a seed_seq
// alternative, for the seed; Lemire (2019), Fast random integer generation in an interval;
// Marsaglia and Tsang (2000), The ziggurat method for generating random variables.

const MASK_64 = (1n << 64n) - 1n;
const MASK_128 = (1n << 128n) - 1n;
const MULTIPLIER = (2549297995355413924n << 64n) | 4865540595714422341n;

/**
 * Spread a seed over four numbers of 64 bits, as NumPy's SeedSequence does.
 * @param {number} seed A whole number from 0 to 2^53.
 * @returns {bigint[]}
 */
function seedSequence(seed) {
  const entropy = seed >= 2 ** 32 ? [seed % 2 ** 32, Math.floor(seed / 2 ** 32)] : [seed];
  const pool = mixedPool(entropy.map((word) => word >>> 0));
  let constant = 0x8b51f9dd;
  /** @type {number[]} */
  const words = [];
  for (let i = 0; i < 8; i++) {
    let word = (pool[i % 4] ^ constant) >>> 0;
    constant = Math.imul(constant, 0x58f38ded) >>> 0;
    word = Math.imul(word, constant) >>> 0;
    words.push((word ^ (word >>> 16)) >>> 0);
  }
  return [0, 2, 4, 6].map((i) => BigInt(words[i]) | (BigInt(words[i + 1]) << 32n));
}

/**
 * @param {number[]} entropy
 * @returns {number[]} The pool of four words, in which every word of the entropy has a say.
 */
function mixedPool(entropy) {
  let constant = 0x43b0d7e5;
  /** @param {number} word */
  const hash = (word) => {
    word = (word ^ constant) >>> 0;
    constant = Math.imul(constant, 0x931e8875) >>> 0;
    word = Math.imul(word, constant) >>> 0;
    return (word ^ (word >>> 16)) >>> 0;
  };
  /** @type {(x: number, y: number) => number} */
  const mix = (x, y) => {
    const word = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) >>> 0;
    return (word ^ (word >>> 16)) >>> 0;
  };
  const pool = [0, 1, 2, 3].map((i) => hash(entropy[i] ?? 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) {
      if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
    }
  }
  return pool;
}

/** A generator with the methods of numpy.random.Generator that the playground needs. */
export class Generator {
  /** @param {number} seed */
  constructor(seed) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`the seed is ${seed}; it must be a whole number, not negative`);
    }
    const [s0, s1, s2, s3] = seedSequence(seed);
    this.increment = ((((s2 << 64n) | s3) << 1n) | 1n) & MASK_128;
    this.state = 0n;
    this.step();
    this.state = (this.state + ((s0 << 64n) | s1)) & MASK_128;
    this.step();
    /** @type {number | null} The upper half of a number of which the lower is used up. */
    this.kept = null;
  }

  /** Where the stream of random numbers stands. */
  mark() {
    return { state: this.state, kept: this.kept };
  }

  /** @param {ReturnType<Generator["mark"]>} mark */
  returnTo({ state, kept }) {
    this.state = state;
    this.kept = kept;
  }

  step() {
    this.state = (this.state * MULTIPLIER + this.increment) & MASK_128;
  }

  /** @returns {bigint} 64 random bits. */
  next64() {
    this.step();
    const word = (this.state >> 64n) ^ (this.state & MASK_64);
    const turn = this.state >> 122n;
    return ((word >> turn) | (word << (64n - turn))) & MASK_64;
  }

  /** @returns {number} 32 random bits: half of 64, the other half next time. */
  next32() {
    if (this.kept !== null) {
      const word = this.kept;
      this.kept = null;
      return word;
    }
    const both = this.next64();
    this.kept = Number(both >> 32n);
    return Number(both & 0xffffffffn);
  }

  /** @returns {number} Uniform in [0, 1). */
  random() {
    return Number(this.next64() >> 11n) / 2 ** 53;
  }

  /** @returns {number} Uniform in [0, 1), of 24 bits: a float32. */
  random32() {
    return (this.next32() >>> 8) / 2 ** 24;
  }

  /** @type {(low: number, high: number) => number} Uniform in [low, high). */
  uniform(low, high) {
    return low + (high - low) * this.random();
  }

  /**
   * @param {number} n
   * @returns {number} A whole number from 0 to n - 1.
   */
  integer(n) {
    if (n <= 1) return 0;
    const range = BigInt(n);
    let product = BigInt(this.next32()) * range;
    let rest = product & 0xffffffffn;
    if (rest < range) {
      const threshold = (0x100000000n - range) % range;
      while (rest < threshold) {
        product = BigInt(this.next32()) * range;
        rest = product & 0xffffffffn;
      }
    }
    return Number(product >> 32n);
  }

  /**
   * @param {number} most
   * @returns {number} A whole number from 0 to most, as NumPy draws it for shuffling.
   */
  upTo(most) {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (this.next32() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  /**
   * @param {number} n
   * @returns {Int32Array} The numbers 0 to n - 1 in a random order.
   */
  permutation(n) {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.upTo(i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** @returns {number} From the standard normal distribution. */
  normal() {
    for (;;) {
      const bits = this.next64();
      const layer = Number(bits & 0xffn);
      const negative = (bits >> 8n) & 1n;
      const across = Number((bits >> 9n) & 0xfffffffffffffn);
      const x = across * WIDTH[layer] * (negative ? -1 : 1);
      if (across < INSIDE[layer]) return x;
      if (layer === 0) return this.tail(Number((bits >> 17n) & 1n));
      const height = (HEIGHT[layer - 1] - HEIGHT[layer]) * this.random() + HEIGHT[layer];
      if (height < Math.exp(-0.5 * x * x)) return x;
    }
  }

  /** @param {number} negative Which of the two tails, as NumPy picks it. */
  tail(negative) {
    for (;;) {
      const x = -Math.log1p(-this.random()) / EDGE;
      const y = -Math.log1p(-this.random());
      if (y + y > x * x) return negative ? -(EDGE + x) : EDGE + x;
    }
  }
}

// The ziggurat: 256 layers of equal area under the bell, the lowest with the tail.
const EDGE = 3.6541528853610088;
const AREA = 0.004928673233974658; // r f(r) and the tail beyond r
const bell = (/** @type {number} */ x) => Math.exp(-0.5 * x * x);
const WIDTH = new Float64Array(256); // of a layer, by 2^-52
const INSIDE = new Float64Array(256); // below it one need not look at the bell
const HEIGHT = new Float64Array(256);

(function build() {
  const places = new Float64Array(257);
  places[256] = AREA / bell(EDGE);
  places[255] = EDGE;
  for (let i = 254; i > 0; i--) {
    places[i] = Math.sqrt(-2 * Math.log(AREA / places[i + 1] + bell(places[i + 1])));
  }
  const unit = 2 ** 52;
  WIDTH[0] = places[256] / unit;
  INSIDE[0] = Math.floor((EDGE / places[256]) * unit);
  HEIGHT[0] = 1;
  for (let i = 1; i < 256; i++) {
    WIDTH[i] = places[i] / unit;
    INSIDE[i] = Math.floor((places[i - 1] / places[i]) * unit);
    HEIGHT[i] = bell(places[i]);
  }
})();
