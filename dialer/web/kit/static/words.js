// Sentences that the server put into the page in the person's language.
const found = document.getElementById("words");

export function word(name) {
  return found?.getAttribute(`data-word-${name}`) ?? "";
}

/** A sentence with its places filled in. */
export function filled(name, values) {
  return word(name).replace(/{(\w+)}/g, (_, place) => values[place]);
}

/** What a person is told for an error's code. */
export function refused(code) {
  return word(`refused.${code}`) || word("refused.refused");
}
