/** Texts that several parts of a page show: each is written once, and data name it by its place. */
export class TextPool {
  readonly #places = new Map<string, number>();

  placeOf(text: string): number {
    const place = this.#places.get(text) ?? this.#places.size;
    this.#places.set(text, place);
    return place;
  }

  get texts(): readonly string[] {
    return [...this.#places.keys()];
  }
}
