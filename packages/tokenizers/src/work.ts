import { TooMuchWorkError } from './errors.js';
import { BASE_STEPS, STEPS_PER_CHARACTER } from './limits.js';

/**
 * The steps that one text may still take. Patterns, normalizers, models and decoders of one tokenizer share it, so
 * that the time is bounded by the length of the text, whatever the tokenizer's files say.
 */
export class Work {
  private characters = 0;
  private allowed = 0;
  private left = 0;

  /** Starts anew for a text of so many UTF-16 units. */
  begin(characters: number): void {
    this.characters = characters;
    this.allowed = BASE_STEPS + STEPS_PER_CHARACTER * characters;
    this.left = this.allowed;
  }

  /** @throws TooMuchWorkError when the text has had its steps */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new TooMuchWorkError(this.characters, this.allowed);
  }
}
