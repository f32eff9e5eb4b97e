/** A value that one step makes and later steps use. */
export class Slot<T> {
  readonly #name: string;
  #value: { readonly held: T } | undefined;

  /** `name` is for the error when a step forgot to say what it needs. */
  constructor(name: string) {
    this.#name = name;
  }

  set(value: T): void {
    this.#value = { held: value };
  }

  /** The value. Throws a RangeError when the step that makes it has not run. */
  get(): T {
    if (!this.#value) throw new RangeError(`${this.#name} is used before it is made: a step lacks a need`);
    return this.#value.held;
  }
}
