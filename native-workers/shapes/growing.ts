/** Numbers of which nobody knows beforehand how many there will be. */
export class GrowingFloats {
  #data = new Float32Array(48);
  length = 0;

  push3(x: number, y: number, z: number): void {
    if (this.length + 3 > this.#data.length) this.#grow();
    this.#data[this.length++] = x;
    this.#data[this.length++] = y;
    this.#data[this.length++] = z;
  }

  push(value: number): void {
    if (this.length === this.#data.length) this.#grow();
    this.#data[this.length++] = value;
  }

  /** Not a copy. */
  values(): Float32Array {
    return this.#data.subarray(0, this.length);
  }

  #grow(): void {
    const larger = new Float32Array(this.#data.length * 2);
    larger.set(this.#data);
    this.#data = larger;
  }
}

/** Whole numbers to 2^32. */
export class GrowingInts {
  #data = new Uint32Array(48);
  length = 0;

  push(value: number): void {
    if (this.length === this.#data.length) {
      const larger = new Uint32Array(this.#data.length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.length++] = value;
  }

  /** Not a copy. */
  values(): Uint32Array {
    return this.#data.subarray(0, this.length);
  }
}
