/** Goes through a JSONPath template from left to right. Every failure is a RangeError that shows the place. */
export class JsonPathScanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** Takes what a sticky pattern finds here, if anything. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#position += found?.length ?? 0;
    return found;
  }

  /** Takes `text` if it is here. */
  takes(text: string): boolean {
    const isHere = this.#text.startsWith(text, this.#position);
    if (isHere) this.#position += text.length;
    return isHere;
  }

  expect(text: string): void {
    if (!this.takes(text)) this.fail(`${text} was expected`);
  }

  /** The name of a field; `\.` stands for a dot in it. */
  takeName(): string | undefined {
    return this.take(/(?:\\.|[^\s.[\](){}<>=!,|&"'\\])+/y)?.replaceAll(/\\(.)/g, "$1");
  }

  /** A text in single or double quotes; `\n`, `\t` and `\\` mean what they do elsewhere. */
  takeQuoted(): string | undefined {
    const quoted = this.take(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/y);
    return quoted?.slice(1, -1).replaceAll(/\\([\\"'ntr])/g, (_all, letter: string) => ESCAPES[letter] ?? letter);
  }

  fail(message: string): never {
    const shown = `${this.#text.slice(0, this.#position)} >> ${this.#text.slice(this.#position)}`;
    throw new RangeError(`not a JSONPath template: ${message}, at >> in ${shown}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
